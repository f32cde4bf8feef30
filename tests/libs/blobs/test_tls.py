"""An object store over https, by an authority of one's own."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from pydantic import ValidationError

from libs.blobs import Blobs, BlobsAway, safe_key
from libs.settings import BlobSettings
from tests.libs.keys import Authority
from tests.libs.tls import tls_before
from tools.stack import parts


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority.make(tmp_path)


@pytest.fixture
async def endpoint(s3_server: parts.ObjectStore, authority: Authority) -> AsyncIterator[str]:
    async with tls_before(s3_server.port, authority) as port:
        yield f"https://localhost:{port}"


def over_tls(settings: BlobSettings, **changed: object) -> BlobSettings:
    return BlobSettings.model_validate({**settings.model_dump(), **changed})


async def test_a_store_is_believed_by_the_authority_given(
    blob_settings: BlobSettings, endpoint: str, authority: Authority, tmp_path: Path
) -> None:
    source = tmp_path / "source"
    source.write_bytes(b"moving pictures")
    async with Blobs(over_tls(blob_settings, endpoint=endpoint, authority=authority.file)) as blobs:
        assert await blobs.answers()
        key = safe_key("org", "1", "over-tls")
        await blobs.upload(key, source, "video/mp4")

        assert await blobs.read(key) == b"moving pictures"


async def test_a_store_of_another_authority_is_not_believed(blob_settings: BlobSettings, endpoint: str) -> None:
    async with Blobs(over_tls(blob_settings, endpoint=endpoint)) as blobs:
        with pytest.raises(BlobsAway):
            await blobs.stat(safe_key("org", "1", "over-tls"))
        assert not await blobs.answers()


def test_an_authority_is_for_https_alone(blob_settings: BlobSettings, authority: Authority) -> None:
    with pytest.raises(ValidationError, match="authority is for an https:// endpoint alone"):
        over_tls(blob_settings, authority=authority.file)
