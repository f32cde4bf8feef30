"""Single objects of the resource family carry the tag of their data."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest
from google.protobuf.descriptor import MethodDescriptor
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass

from gateway.app import Public, application
from gateway.bridge.names import CAMEL
from gateway.families import RESOURCE
from gateway.router import RpcRouter
from gateway.seams import Call
from libs.rpc import Passage
from tests.gateway.fleet import fleet
from tests.gateway.protos import proto

FILE = proto(
    "tags",
    """
message Asked { int64 thing_id = 1; }
message Thing { int64 thing_id = 1; string name = 2; }
service ThingsService {
  rpc GetThing(Asked) returns (Thing) { option (orrery.options.v1.access) = {caller: CALLER_ANYONE}; }
}
""",
)
Thing: Any = GetMessageClass(FILE.message_types_by_name["Thing"])


class Things:
    """A backend with one thing."""

    def __init__(self) -> None:
        self.name = "first"

    def bind(self, method: MethodDescriptor, timeout: float) -> Call:
        async def call(request: Any, passage: Passage) -> Message:
            thing: Message = Thing(thing_id=request.thing_id, name=self.name)
            return thing

        return call


@pytest.fixture
async def things(tmp_path: Path) -> AsyncIterator[tuple[httpx.AsyncClient, Things]]:
    router = RpcRouter(
        FILE.services_by_name["ThingsService"], prefix="/api/v1/things", family=RESOURCE, names=CAMEL, backend="things"
    )
    router.rpc("GET", "/{thing_id}", "GetThing", id="things_get")
    backend = Things()
    async with fleet(tmp_path) as running:
        parts = replace(running.parts, backends={"things": backend})
        transport = httpx.ASGITransport(application(parts, Public(), (router,)))
        async with httpx.AsyncClient(transport=transport, base_url="http://testserver") as http:
            yield http, backend


async def test_a_tag_stays_while_the_data_stays(things: tuple[httpx.AsyncClient, Things]) -> None:
    http, backend = things

    first, again = await http.get("/api/v1/things/5"), await http.get("/api/v1/things/5")
    backend.name = "second"
    changed = await http.get("/api/v1/things/5")

    assert first.json()["data"] == {"thingId": 5, "name": "first"}
    assert first.headers["etag"] == again.headers["etag"] != changed.headers["etag"]
    assert first.headers["cache-control"] == "private, no-cache"


@pytest.mark.parametrize("asked", ["{}", "W/{}", '"other", {}', "*"])
async def test_whoever_has_it_already_is_told_so(things: tuple[httpx.AsyncClient, Things], asked: str) -> None:
    http, _ = things
    tag = (await http.get("/api/v1/things/5")).headers["etag"]

    answer = await http.get("/api/v1/things/5", headers={"if-none-match": asked.format(tag)})

    assert (answer.status_code, answer.content) == (304, b"")
    assert answer.headers["etag"] == tag
    assert "content-length" not in answer.headers


async def test_whoever_has_another_gets_it(things: tuple[httpx.AsyncClient, Things]) -> None:
    http, _ = things

    answer = await http.get("/api/v1/things/5", headers={"if-none-match": '"other"'})

    assert answer.status_code == 200
