"""Writes of the resource family: If-Match against lost updates, Idempotency-Key against doing twice."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest
from google.protobuf.descriptor import MethodDescriptor
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass
from pydantic import SecretStr

from gateway.app import Public, application
from gateway.bridge.names import CAMEL
from gateway.families import RESOURCE
from gateway.idempotency import Idempotency
from gateway.replays import Replays
from gateway.router import RpcRouter
from gateway.seams import Call
from libs.errors import Conflict, Exhausted, Internal, Precondition
from libs.rpc import Passage
from libs.settings import RedisSettings
from tests.gateway.fleet import fleet
from tests.gateway.protos import proto
from tools.stack import parts

FILE = proto(
    "writes",
    """
message Get { int64 note_id = 1; }
message Change {
  int64 note_id = 1;
  string text = 2;
  optional int64 expected_version = 15 [(orrery.options.v1.if_match) = true];
}
message Add { string text = 1; }
message Note { int64 note_id = 1; string text = 2; int64 version = 3 [(orrery.options.v1.etag) = true]; }
service NotesService {
  rpc GetNote(Get) returns (Note) { option (orrery.options.v1.access) = {caller: CALLER_ANYONE}; }
  rpc ChangeNote(Change) returns (Note) { option (orrery.options.v1.access) = {caller: CALLER_ANYONE}; }
  rpc AddNote(Add) returns (Note) { option (orrery.options.v1.access) = {caller: CALLER_ANYONE}; }
}
""",
)
Note: Any = GetMessageClass(FILE.message_types_by_name["Note"])
SECRET, SUCCESSOR = b"s" * 32, b"t" * 32


class NoteOutdated(Precondition):
    def __init__(self) -> None:
        super().__init__("The note has changed.")


class TextTaken(Conflict):
    def __init__(self) -> None:
        super().__init__("There is such a note.")


class Notes:
    """A backend with one note, which adding renames; counts what it does."""

    def __init__(self) -> None:
        self.text, self.version, self.added = "first", 1, 0
        self.hold, self.reached = asyncio.Event(), asyncio.Event()
        self.hold.set()

    def bind(self, method: MethodDescriptor, timeout: float) -> Call:
        async def call(request: Any, passage: Passage) -> Message:
            if method.name == "ChangeNote":
                self._change(request)
            if method.name == "AddNote":
                await self._add(request)
            note: Message = Note(note_id=5, text=self.text, version=self.version)
            return note

        return call

    def _change(self, request: Any) -> None:
        if request.HasField("expected_version") and request.expected_version != self.version:
            raise NoteOutdated
        self.text, self.version = request.text, self.version + 1

    async def _add(self, request: Any) -> None:
        self.reached.set()
        await self.hold.wait()
        self.added += 1
        if request.text == "taken":
            raise TextTaken
        if request.text == "busy" and self.added == 1:
            raise Exhausted("Come again in a moment.", retry_after_seconds=1)
        if request.text == "broken":
            raise Internal("An internal error occurred.")
        self.text = request.text


class Api:
    def __init__(self, http: httpx.AsyncClient, notes: Notes, secrets: list[bytes]) -> None:
        self.http, self.notes, self.secrets = http, notes, secrets

    async def add(self, text: str, key: str = "key-1", who: str = "kana") -> httpx.Response:
        headers = {"Idempotency-Key": key} | ({"Authorization": f"Bearer {who}"} if who else {})
        return await self.http.post("/api/v1/notes", json={"text": text}, headers=headers)

    async def change(self, text: str, tag: str) -> httpx.Response:
        return await self.http.patch("/api/v1/notes/5", json={"text": text}, headers={"If-Match": tag})


def router() -> RpcRouter:
    made = RpcRouter(
        FILE.services_by_name["NotesService"], prefix="/api/v1/notes", family=RESOURCE, names=CAMEL, backend="notes"
    )
    made.rpc("GET", "/{note_id}", "GetNote", id="notes_get")
    made.rpc("PATCH", "/{note_id}", "ChangeNote", id="notes_change")
    made.rpc("POST", "", "AddNote", id="notes_add", status=201)
    return made


@pytest.fixture
async def replays(redis_server: parts.Redis) -> AsyncIterator[Replays]:
    async with Replays(RedisSettings(url=SecretStr(redis_server.url))) as entered:
        await entered._redis.flushdb()
        yield entered


@pytest.fixture
async def api(tmp_path: Path, replays: Replays) -> AsyncIterator[Api]:
    notes, secrets = Notes(), [SECRET]
    async with fleet(tmp_path) as running:
        made = replace(running.parts, backends={"notes": notes}, idempotency=Idempotency(replays, lambda: secrets))
        transport = httpx.ASGITransport(application(made, Public(), (router(),)))
        async with httpx.AsyncClient(transport=transport, base_url="http://testserver") as http:
            yield Api(http, notes, secrets)


async def test_of_two_who_read_the_same_version_one_writes(api: Api) -> None:
    tag = (await api.http.get("/api/v1/notes/5")).headers["etag"]

    first, second = await api.change("mine", tag), await api.change("yours", tag)

    assert (first.status_code, first.headers["etag"]) == (200, '"2"')
    assert (second.status_code, second.json()["error"]["code"]) == (412, "PRECONDITION_FAILED")
    assert api.notes.text == "mine"


@pytest.mark.parametrize(
    ("tag", "status"),
    [
        ("*", 200),
        ('"1"', 200),
        ('W/"1"', 412),
        ("1", 412),
        ('"x"', 412),
        ('"1", "2"', 400),
        ('"' + "9" * 30 + '"', 412),
    ],
)
async def test_if_match_takes_one_strong_tag(api: Api, tag: str, status: int) -> None:
    assert (await api.change("new", tag)).status_code == status
    assert (api.notes.text == "new") is (status == 200)


async def test_the_version_expected_is_no_field_of_the_body(api: Api) -> None:
    answer = await api.http.patch("/api/v1/notes/5", json={"text": "new", "expectedVersion": 1})

    assert (answer.status_code, api.notes.version) == (400, 1)


async def test_what_has_no_version_cannot_be_matched(api: Api) -> None:
    answer = await api.http.post("/api/v1/notes", json={"text": "new"}, headers={"If-Match": '"1"'})

    assert (answer.status_code, api.notes.added) == (412, 0)


async def test_a_request_sent_again_is_answered_again(api: Api) -> None:
    first = await api.add("second")
    api.notes.text = "third"

    again = await api.add("second")

    assert (first.status_code, again.status_code, api.notes.added) == (201, 201, 1)
    assert again.content == first.content
    assert (first.headers["etag"], again.headers["etag"]) == ('"1"', '"1"')
    assert "idempotent-replayed" not in first.headers
    assert again.headers["idempotent-replayed"] == "true"


async def test_fifty_at_once_are_done_once(api: Api) -> None:
    answers = await asyncio.gather(*(api.add("second") for _ in range(50)))

    assert api.notes.added == 1
    assert {one.status_code for one in answers} <= {201, 409}
    assert {one.json()["error"]["code"] for one in answers if one.status_code == 409} <= {"IDEMPOTENCY_IN_PROGRESS"}


async def test_one_key_is_for_one_request(api: Api) -> None:
    await api.add("second")

    other = await api.add("another")

    assert (other.status_code, other.json()["error"]["code"]) == (422, "IDEMPOTENCY_KEY_REUSED")
    assert api.notes.added == 1


async def test_the_same_key_of_another_caller_is_another_key(api: Api) -> None:
    await api.add("second")

    answer = await api.add("second", who="")

    assert (answer.status_code, api.notes.added) == (201, 2)
    assert "idempotent-replayed" not in answer.headers


async def test_a_refusal_is_given_again(api: Api) -> None:
    first, again = await api.add("taken"), await api.add("taken")

    assert (first.status_code, again.status_code, api.notes.added) == (409, 409, 1)
    assert again.headers["idempotent-replayed"] == "true"


async def test_a_fault_is_not_kept(api: Api) -> None:
    first, again = await api.add("broken"), await api.add("broken")

    assert (first.status_code, again.status_code, api.notes.added) == (500, 500, 2)
    assert "idempotent-replayed" not in again.headers


async def test_whoever_is_told_to_come_again_may_come_with_the_same_key(api: Api) -> None:
    first, again, replayed = await api.add("busy"), await api.add("busy"), await api.add("busy")

    assert (first.status_code, again.status_code, replayed.status_code, api.notes.added) == (429, 201, 201, 2)
    assert "idempotent-replayed" not in again.headers
    assert replayed.headers["idempotent-replayed"] == "true"


async def test_whoever_hung_up_finds_the_answer(api: Api) -> None:
    api.notes.hold.clear()
    hung_up = asyncio.create_task(api.add("second"))
    await api.notes.reached.wait()
    hung_up.cancel()
    api.notes.hold.set()
    await asyncio.gather(hung_up, return_exceptions=True)

    async with asyncio.timeout(10):
        while (again := await api.add("second")).status_code == 409:  # noqa: ASYNC110  # nothing tells
            await asyncio.sleep(0.01)

    assert (again.status_code, again.headers["idempotent-replayed"], api.notes.added) == (201, "true", 1)


@pytest.mark.parametrize("key", ["", " ", "a b", "x" * 256, '"', "é"])
async def test_a_malformed_key_is_refused_before_anything_is_done(api: Api, key: str) -> None:
    answer = await api.http.post(
        "/api/v1/notes", json={"text": "second"}, headers=[(b"idempotency-key", key.encode("latin-1"))]
    )

    assert (answer.status_code, api.notes.added) == (400, 0)


async def test_answers_are_kept_sealed(api: Api, replays: Replays) -> None:
    await api.add("visible-secret")

    kept = [await replays._redis.get(name) for name in await replays._redis.keys("idempotency:*")]

    assert len(kept) == 1
    assert "visible-secret" not in repr(kept[0])


async def test_answers_are_repeated_while_the_key_that_they_are_sealed_by_changes(api: Api) -> None:
    first = await api.add("second")

    for secrets in ([SECRET, SUCCESSOR], [SUCCESSOR, SECRET]):
        api.secrets[:] = secrets
        again = await api.add("second")
        assert (again.status_code, again.content, api.notes.added) == (201, first.content, 1)

    api.secrets[:] = [SUCCESSOR]
    unknown = await api.add("second")
    assert (unknown.status_code, api.notes.added) == (503, 1)


async def test_without_redis_nothing_is_done(tmp_path: Path) -> None:
    notes = Notes()
    async with fleet(tmp_path) as running, Replays(RedisSettings(url=SecretStr("redis://127.0.0.1:1/0"))) as away:
        made = replace(running.parts, backends={"notes": notes}, idempotency=Idempotency(away, lambda: [SECRET]))
        transport = httpx.ASGITransport(application(made, Public(), (router(),)))
        async with httpx.AsyncClient(transport=transport, base_url="http://testserver") as http:
            answer = await Api(http, notes, []).add("second")
            without = await http.post("/api/v1/notes", json={"text": "second"})

    assert (answer.status_code, answer.json()["error"]["code"]) == (503, "SERVICE_UNAVAILABLE")
    assert (without.status_code, notes.added) == (201, 1)
