"""ExportPerson, as media answers it."""

import json
from pathlib import Path

import pytest
from orrery.identity.v1.identity_pb2 import Credential, Identity
from orrery.privacy.v1 import personal_data_pb2 as pb

from libs.blobs import Blobs
from libs.database import Database
from libs.errors import Forbidden
from libs.rpc import Client, Passage, Server, Signer
from libs.settings import RpcSettings, TlsSettings
from services.media.people.rpc import PersonalDataServicer
from tests.services.media.builders import Studio, caller

AUTH = Identity(subject="auth-worker", credential=Credential.CREDENTIAL_SERVICE)
METHOD = pb.DESCRIPTOR.services_by_name["PersonalDataService"].methods_by_name["ExportPerson"]


async def ask(database: Database, blobs: Blobs, keys: tuple[Path, Path], who: Identity, user_id: int) -> dict[str, str]:
    """The lines by their kind."""
    server = Server(
        RpcSettings(listen="127.0.0.1:0", identity_keys=str(keys[1])), PersonalDataServicer(database, blobs)
    )
    await server.start()
    client = Client("media", f"127.0.0.1:{server.port}", TlsSettings())
    found: dict[str, str] = {}
    try:
        call = client.bind(METHOD, timeout=30.0)
        async for part in call.stream(pb.ExportPersonRequest(user_id=user_id), Passage(Signer(keys[0]).sign(who))):
            assert isinstance(part, pb.PersonalData)
            found[part.kind] = found.get(part.kind, "") + part.lines.decode()
    finally:
        await client.close()
        await server.stop(0)
    return found


async def test_a_person_gets_their_videos_and_what_was_made_of_them(
    studio: Studio, database: Database, blobs: Blobs, identity_keys: tuple[Path, Path]
) -> None:
    who, other = caller(), caller()
    first, second = await studio.ready(who, title="Mine"), await studio.uploading(who)
    await studio.ready(other)

    found = await ask(database, blobs, identity_keys, AUTH, who.user_id)

    videos = [json.loads(line) for line in found["videos"].splitlines()]
    assert [one["video_id"] for one in videos] == [first.video_id, second.video_id]
    assert videos[0]["title"] == "Mine"
    assert "X-Amz-Signature" in videos[0]["download_url"]
    assert {json.loads(line)["video_id"] for line in found["captures"].splitlines()} == {first.video_id}
    assert len(found["captures"].splitlines()) == 3
    assert len(found["audio_analyses"].splitlines()) == 2


async def test_nobody_but_a_service_may_ask(database: Database, blobs: Blobs, identity_keys: tuple[Path, Path]) -> None:
    who = caller()

    with pytest.raises(Forbidden):
        await ask(database, blobs, identity_keys, who, who.user_id)
