"""Fields that a limited credential does not see, and cannot write or ask by."""

import json
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import httpx
import pytest
from google.protobuf.descriptor import MethodDescriptor
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass
from orrery.identity.v1.identity_pb2 import Credential, Grant, Identity
from orrery.options.v1.options_pb2 import Access
from orrery.types.v1.types_pb2 import Pagination

from gateway.app import Public, application
from gateway.bridge.names import CAMEL
from gateway.families import RESOURCE
from gateway.limited import fields_of
from gateway.router import RpcRouter, Text
from gateway.seams import Call
from libs.rpc import Passage, Signer
from libs.rpc.access import check
from tests.gateway.fleet import Admitted, fleet, key_files
from tests.gateway.protos import proto

FILE = proto(
    "limited",
    """
message Get { string user_id = 1; }
message List { orrery.types.v1.ListQuery query = 1; }
message Change { string user_id = 1; optional string email = 2; optional string first_name = 3; }
message User { string user_id = 1; string email = 2; string first_name = 3; }
message Users { repeated User items = 1; orrery.types.v1.Pagination pagination = 2; }
service UsersService {
  rpc GetUser(Get) returns (User) {
    option (orrery.options.v1.access) = {caller: CALLER_USER, scope: "organizations:read", resource: "users"};
  }
  rpc ListUsers(List) returns (Users) {
    option (orrery.options.v1.access) = {caller: CALLER_USER, scope: "organizations:read", resource: "users"};
  }
  rpc ChangeUser(Change) returns (User) {
    option (orrery.options.v1.access) = {caller: CALLER_USER, scope: "organizations:write", resource: "users"};
  }
}
""",
)
User: Any = GetMessageClass(FILE.message_types_by_name["User"])
Users: Any = GetMessageClass(FILE.message_types_by_name["Users"])
ADA = {"userId": "1", "email": "ada@example.com", "firstName": "Ada"}
NAMES = Grant(resource="users", actions=["read", "update"], fields=["firstName"])


@dataclass
class Holder:
    """Lets everybody in with these grants."""

    grants: list[Grant]
    signer: Signer

    async def admit(
        self, peer: str, headers: Iterable[tuple[bytes, bytes]], access: Access, *, verifies: bool = False
    ) -> Admitted:
        identity = Identity(
            user_id=7, scopes=["*"], grants=self.grants, credential=Credential.CREDENTIAL_API_KEY, credential_id="k"
        )
        check(access, identity)
        return Admitted(identity, self.signer.sign(identity))


class People:
    """A service that knows Ada and applies no conditions."""

    def bind(self, method: MethodDescriptor, timeout: float) -> Call:
        async def answer(request: Message, passage: Passage) -> Message:
            ada = User(user_id="1", email="ada@example.com", first_name="Ada")
            page = Users(items=[ada], pagination=Pagination(page=1, limit=20))
            found: Message = page if method.name == "ListUsers" else ada
            return found

        return answer


@dataclass
class Api:
    http: httpx.AsyncClient
    holder: Holder

    async def data(self, verb: str, path: str, **body: Any) -> Any:
        """The answer's data; the error's code and reason's field where it is refused."""
        answer = await self.http.request(verb, f"/api/v1/people{path}", json=body or None)
        return answer.json().get("data", answer.json().get("error"))


@pytest.fixture
async def api(tmp_path: Path) -> AsyncIterator[Api]:
    people = RpcRouter(
        FILE.services_by_name["UsersService"], prefix="/api/v1/people", family=RESOURCE, names=CAMEL, backend="people"
    )
    people.rpc("GET", "/{user_id}", "GetUser", id="people_get")
    people.rpc("GET", "", "ListUsers", id="people_list")
    people.rpc("PATCH", "/{user_id}", "ChangeUser", id="people_change")
    people.rpc("GET", "/{user_id}/name.txt", "GetUser", id="people_name", text=Text("first_name", "text/plain"))
    async with fleet(tmp_path) as running:
        holder = Holder([], Signer(key_files(tmp_path)[0]))
        parts = replace(running.parts, backends={"people": People()}, authenticator=holder)
        app = application(parts, Public("http://orrery.test"), (people,))
        transport = httpx.ASGITransport(app, client=("192.0.2.1", 5))
        async with httpx.AsyncClient(transport=transport, base_url="http://testserver") as http:
            yield Api(http, holder)


@pytest.mark.parametrize(
    ("grants", "seen"),
    [
        ([], {"userId", "email", "firstName"}),
        ([Grant(resource="users", actions=["read", "update"])], {"userId", "email", "firstName"}),
        ([NAMES], {"firstName"}),
        ([NAMES, Grant(resource="users", actions=["delete"])], {"firstName"}),
        ([NAMES, Grant(resource="organizations", actions=["read"], fields=["email"])], {"firstName", "email"}),
        ([NAMES, Grant(resource="*", actions=["read"])], {"userId", "email", "firstName"}),
        ([Grant(resource="users", actions=["read"], fields=["nothing"])], set()),
    ],
)
async def test_what_no_grant_names_is_left_out(api: Api, grants: list[Grant], seen: set[str]) -> None:
    api.holder.grants = grants
    expected = {name: value for name, value in ADA.items() if name in seen}

    assert await api.data("GET", "/1") == expected
    assert await api.data("GET", "") == [expected]


async def test_asking_for_a_field_does_not_show_it(api: Api) -> None:
    api.holder.grants = [NAMES]

    assert await api.data("GET", "?fields=email,firstName") == [{"firstName": "Ada"}]


@pytest.mark.parametrize("query", ["filter[email]=a", "filter[email][starts_with]=a", "sort=-email", "search=ada"])
async def test_a_list_cannot_be_asked_by_what_is_not_seen(api: Api, query: str) -> None:
    api.holder.grants = [NAMES]

    refused = await api.data("GET", f"?{query}")

    assert refused["code"] == "FORBIDDEN"
    assert await api.data("GET", "?filter[firstName]=Ada&sort=firstName") == [{"firstName": "Ada"}]


async def test_a_field_that_is_not_named_cannot_be_written(api: Api) -> None:
    api.holder.grants = [NAMES]

    refused = await api.data("PATCH", "/1", email="eve@example.com", firstName="Eve")

    assert (refused["code"], refused["details"]["field"]) == ("FORBIDDEN", "email")
    assert await api.data("PATCH", "/1", firstName="Eve") == {"firstName": "Ada"}


async def test_a_text_has_no_fields_to_leave_out(api: Api) -> None:
    api.holder.grants = [NAMES]

    assert (await api.http.get("/api/v1/people/1/name.txt")).status_code == 403
    api.holder.grants = []
    assert (await api.http.get("/api/v1/people/1/name.txt")).text == "Ada"


async def test_the_tag_is_of_what_is_seen(api: Api) -> None:
    whole = await api.http.get("/api/v1/people/1")
    api.holder.grants = [NAMES]

    partly = await api.http.get("/api/v1/people/1", headers={"if-none-match": whole.headers["etag"]})

    assert partly.status_code == 200
    assert json.loads(partly.content)["data"] == {"firstName": "Ada"}


def test_documents_are_their_services_to_limit() -> None:
    limited = Identity(user_id=7, grants=[Grant(resource="orders", actions=["read"], fields=["total"])])

    assert fields_of(limited, Access(scope="resources:read", action="read", resource="resources")) is None
