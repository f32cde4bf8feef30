"""RequestExport, GetExport and the archive."""

import asyncio
import io
import json
import uuid
import zipfile
from collections.abc import AsyncIterator

import httpx
import pytest
from orrery.auth.privacy.v1 import events_pb2 as events
from orrery.auth.v1 import privacy_pb2 as pb

from libs.blobs import Blobs
from libs.errors import Invalid, NotFound, Unavailable
from libs.jobs import Worker
from libs.settings import BlobSettings
from services.auth.privacy import operations
from services.auth.privacy.archive import Source
from services.auth.privacy.rpc import PrivacyServicer
from services.auth.privacy.tasks import Privacy, export_key
from tests.services.auth.house import PASSWORD, House, Visitor


class Films:
    """Another service's part."""

    def __init__(self, failures: int = 0) -> None:
        self.failures, self.asked = failures, 0

    async def rows(self, user_id: int) -> AsyncIterator[tuple[str, bytes]]:
        self.asked += 1
        if self.asked <= self.failures:
            raise Unavailable("away")
        yield "films", b'{"film": 1}\n'
        yield "films", b'{"film": 2}\n'
        yield "reels", b'{"reel": 1}\n'


@pytest.fixture
async def blobs(blob_settings: BlobSettings) -> AsyncIterator[Blobs]:
    async with Blobs(blob_settings) as entered:
        yield entered


async def ask(auth: House, token: str) -> pb.PersonalExport:
    return await auth.call("RequestExport", pb.RequestExportRequest(), pb.PersonalExport, Visitor(token=token))


async def get(auth: House, token: str, export_id: str) -> pb.PersonalExport:
    request = pb.GetExportRequest(export_id=export_id)
    return await auth.call("GetExport", request, pb.PersonalExport, Visitor(token=token))


async def work(auth: House, blobs: Blobs, films: Source, token: str, export_id: str) -> pb.PersonalExport:
    """Let a worker make the archive, and answer what became of it."""
    worker = Worker(auth.database, Privacy(auth.database, blobs, {"films": films}).tasks(), queues=[operations.QUEUE])
    working = asyncio.create_task(worker.run())
    try:
        async with asyncio.timeout(60):
            while (found := await get(auth, token, export_id)).status == "pending":  # noqa: ASYNC110  # a job tells nobody
                await asyncio.sleep(0.05)
    finally:
        working.cancel()
        await asyncio.gather(working, return_exceptions=True)
    return found


async def test_the_archive_holds_what_every_part_knows_and_no_secret(auth: House, blobs: Blobs) -> None:
    mine = await auth.register()
    asked = await ask(auth, mine.token)

    ready = await work(auth, blobs, Films(failures=1), mine.token, asked.id)

    assert ready.status == "ready"
    stored = await blobs.read(export_key(mine.user.user_id, uuid.UUID(asked.id)))
    assert len(stored) == ready.size
    with zipfile.ZipFile(io.BytesIO(stored)) as archive:
        files = {name: archive.read(name).decode() for name in archive.namelist()}
    assert files["films/films.jsonl"] == '{"film": 1}\n{"film": 2}\n'
    account = json.loads(files["account/user_account.jsonl"])
    assert (account["username"], account["email"]) == (mine.user.username, mine.user.email)
    assert "password_hash" not in account
    assert "account/session.jsonl" in files
    assert not {"argon2", PASSWORD, mine.refresh_token} & set("".join(files.values()).split('"'))
    assert [one.export_id for one in await auth.events(mine.user.user_id, events.ExportReady)] == [asked.id]


async def test_the_link_is_good_for_whoever_asked(auth: House, blobs: Blobs) -> None:
    mine = await auth.register()
    asked = await ask(auth, mine.token)
    await work(auth, blobs, Films(), mine.token, asked.id)
    signed = PrivacyServicer(auth.database, blobs, grace=operations.RECENT)
    async with auth.database.transaction(Visitor(token=mine.token).identity()) as session:
        export = await operations.export_of(session, mine.user.user_id, uuid.UUID(asked.id))

    async with httpx.AsyncClient() as http:
        answer = await http.get(signed._shown(export).download_url)

    assert (answer.status_code, answer.content[:2]) == (200, b"PK")


async def test_asking_again_while_one_is_made_answers_that_one(auth: House) -> None:
    mine = await auth.register()

    asked = await asyncio.gather(*(ask(auth, mine.token) for _ in range(10)))

    assert len({one.id for one in asked}) == 1
    assert len(await auth.events(mine.user.user_id, events.ExportRequested)) == 1


async def test_anothers_export_is_not_found(auth: House) -> None:
    mine, other = await auth.register(), await auth.register()
    asked = await ask(auth, mine.token)

    with pytest.raises(NotFound):
        await get(auth, other.token, asked.id)


async def test_a_part_that_refuses_for_good_makes_the_export_fail(auth: House, blobs: Blobs) -> None:
    class Broken:
        async def rows(self, user_id: int) -> AsyncIterator[tuple[str, bytes]]:
            raise Invalid("never")
            yield "", b""

    mine = await auth.register()
    asked = await ask(auth, mine.token)

    failed = await work(auth, blobs, Broken(), mine.token, asked.id)

    assert failed.status == "failed"
    assert not failed.HasField("download_url")
    assert (await ask(auth, mine.token)).id != asked.id


async def test_an_archive_whose_time_is_over_is_removed(auth: House, blobs: Blobs) -> None:
    mine = await auth.register()
    asked = await ask(auth, mine.token)
    await work(auth, blobs, Films(), mine.token, asked.id)
    await auth.sql("UPDATE personal_export SET expires_at = now() - interval '1 second' WHERE state = 'ready'")

    while await Privacy(auth.database, blobs, {})._sweep_some():
        continue

    assert (await get(auth, mine.token, asked.id)).status == "expired"
    assert not await blobs.remove_prefix(export_key(mine.user.user_id, uuid.UUID(asked.id)))
