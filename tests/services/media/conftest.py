"""The media service in process: real gRPC, a migrated PostgreSQL, a real object store."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TypeVar

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from orrery.media.v1.videos_pb2 import DESCRIPTOR

from libs.blobs import Blobs
from libs.database import Database
from libs.process import Runnable
from libs.rpc import Client, Server, Signer
from libs.settings import BlobSettings, DatabaseSettings, RpcSettings, TlsSettings
from services.media.audio.rpc import AudioServicer
from services.media.captures.rpc import CapturesServicer
from services.media.links import Links
from services.media.videos.playlists import Playlists
from services.media.videos.rpc import VideosServicer
from tests.conftest import DatabaseFor
from tests.services.media.builders import Api, Studio

Answer = TypeVar("Answer")
PATIENCE = 90.0
NOWHERE = "http://127.0.0.1:9"


@pytest.fixture(scope="module")
def settings(database_for: DatabaseFor) -> DatabaseSettings:
    return database_for("media", "services/media")


@pytest.fixture(scope="module")
async def database(settings: DatabaseSettings) -> AsyncIterator[Database]:
    async with Database(settings) as opened:
        yield opened


@pytest.fixture(scope="module")
async def blobs(blob_settings: BlobSettings) -> AsyncIterator[Blobs]:
    async with Blobs(blob_settings) as opened:
        yield opened


@pytest.fixture(scope="module")
def studio(database: Database) -> Studio:
    return Studio(database)


@pytest.fixture(scope="session")
def identity_keys(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A new Ed25519 key pair as PEM files: private, public."""
    folder, key = tmp_path_factory.mktemp("keys"), Ed25519PrivateKey.generate()
    private, public = folder / "private.pem", folder / "public.pem"
    private.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    public.write_bytes(key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
    return private, public


@pytest.fixture(scope="module")
async def api(database: Database, blobs: Blobs, identity_keys: tuple[Path, Path]) -> AsyncIterator[Api]:
    async with served(database, blobs, identity_keys) as made:
        yield made


@pytest.fixture(scope="module")
async def api_without_store(
    database: Database, blob_settings: BlobSettings, identity_keys: tuple[Path, Path]
) -> AsyncIterator[Api]:
    """The same service over the same database, whose object store does not answer."""
    async with (
        Blobs(blob_settings.model_copy(update={"endpoint": NOWHERE})) as away,
        served(database, away, identity_keys) as made,
    ):
        yield made


@asynccontextmanager
async def served(database: Database, blobs: Blobs, keys: tuple[Path, Path]) -> AsyncIterator[Api]:
    links = Links(blobs)
    server = Server(
        RpcSettings(listen="127.0.0.1:0", identity_keys=str(keys[1])),
        VideosServicer(database, blobs, links, Playlists(blobs)),
        CapturesServicer(database, links),
        AudioServicer(database),
    )
    await server.start()
    client = Client("media", f"127.0.0.1:{server.port}", TlsSettings())
    methods = [method for service in DESCRIPTOR.services_by_name.values() for method in service.methods]
    yield Api(Signer(keys[0]), {method.input_type.name: client.bind(method, timeout=30.0) for method in methods})
    await client.close()
    await server.stop(0)


@asynccontextmanager
async def running(*loops: Runnable) -> AsyncIterator[None]:
    """Run the loops beside the block."""
    tasks = [asyncio.create_task(one.run()) for one in loops]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)


async def eventually(ask: Callable[[], Awaitable[Answer]]) -> Answer:
    """The first answer that is something; asked until the patience ends, which is a failure and no measure."""
    async with asyncio.timeout(PATIENCE):
        while not (found := await ask()):  # noqa: ASYNC110  # the question is another process's, nobody sets an event
            await asyncio.sleep(0.05)
        return found
