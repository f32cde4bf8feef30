"""Objects on two S3 servers: what works on one only is not S3."""

from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from libs.blobs import BlobMissing, Blobs, BlobsAway, safe_key
from libs.settings import BlobSettings
from tests.conftest import blobs_of
from tools.stack import parts

HOUR = timedelta(hours=1)


@pytest.fixture(scope="module", params=[parts.Versitygw, parts.Rclone], ids=["versitygw", "rclone"])
def settings(request: pytest.FixtureRequest) -> Iterator[BlobSettings]:
    with request.param.ephemeral() as server:
        yield blobs_of(server)


@pytest.fixture
async def blobs(settings: BlobSettings) -> AsyncIterator[Blobs]:
    async with Blobs(settings) as opened:
        yield opened


async def test_what_a_client_puts_to_a_signed_url_is_there(blobs: Blobs) -> None:
    key = safe_key("org", "1", "source")

    async with httpx.AsyncClient(trust_env=False) as client:
        answer = await client.put(
            blobs.presign_put(key, HOUR), content=b"moving pictures", headers={"content-type": "video/mp4"}
        )

    assert answer.status_code == 200
    assert (await blobs.stat(key)).size == 15
    assert await blobs.read(key) == b"moving pictures"


async def test_a_signed_url_is_good_for_its_own_object_alone(blobs: Blobs) -> None:
    url = blobs.presign_put(safe_key("org", "1", "mine"), HOUR)

    async with httpx.AsyncClient(trust_env=False) as client:
        answer = await client.put(url.replace("/mine?", "/yours?"), content=b"x")

    assert answer.status_code == 403


async def test_a_missing_object_is_told_apart_from_a_missing_server(blobs: Blobs, tmp_path: Path) -> None:
    with pytest.raises(BlobMissing):
        await blobs.stat("org/1/nothing")
    with pytest.raises(BlobMissing):
        await blobs.download("org/1/nothing", tmp_path / "nothing")


async def test_a_file_goes_up_and_comes_down_unchanged(blobs: Blobs, tmp_path: Path) -> None:
    source, target = tmp_path / "up.bin", tmp_path / "down.bin"
    source.write_bytes(bytes(range(256)) * 40_000)

    await blobs.upload("org/2/file", source, "application/octet-stream")
    await blobs.download("org/2/file", target)

    assert target.read_bytes() == source.read_bytes()


async def test_removing_a_prefix_leaves_its_neighbours(blobs: Blobs, tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_bytes(b"x")
    for key in ("org/3/a", "org/3/deep/b", "org/33/c"):
        await blobs.upload(key, file, "text/plain")

    removed = await blobs.remove_prefix("org/3/")

    assert removed == 2
    assert (await blobs.stat("org/33/c")).size == 1
    assert await blobs.remove_prefix("org/3/") == 0


async def test_a_server_that_is_away_is_a_connection_error(settings: BlobSettings) -> None:
    nowhere = settings.model_copy(update={"endpoint": "http://127.0.0.1:9"})

    async with Blobs(nowhere) as blobs:
        with pytest.raises(BlobsAway):
            await blobs.stat("org/1/source")

        assert not await blobs.answers()


@pytest.mark.parametrize("part", ["", "..", ".hidden", "a/b", "a\\b", "a\0b", "ä", "a" * 201])
def test_a_part_that_could_leave_its_folder_makes_no_key(part: str) -> None:
    with pytest.raises(ValueError, match="cannot be part"):
        safe_key("org", part)
