"""Callers, videos and calls; every argument is optional."""

import asyncio
import uuid
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
from google.protobuf.message import Message
from orrery.identity.v1.identity_pb2 import Credential, Identity
from orrery.media.v1 import videos_pb2 as pb
from sqlalchemy import text

from libs.database import SYSTEM, Database
from libs.rpc import Call, Passage, Signer, context
from services.media.videos import operations
from services.media.videos.models import Video
from services.media.videos.operations import Findings

REQUEST_ID = "req-of-the-test"
users = iter(range(1000, 1_000_000))


def caller(
    organization_id: str | None = None, user_id: int | None = None, *, scopes: tuple[str, ...] = ("*",)
) -> Identity:
    """Somebody signed in; of an organization of their own unless told."""
    return Identity(
        subject=str(uuid.uuid4()),
        user_id=user_id or next(users),
        organization_id=str(uuid.uuid4()) if organization_id is None else organization_id,
        scopes=scopes,
        credential=Credential.CREDENTIAL_SESSION,
    )


@dataclass(frozen=True)
class Api:
    """The service as the gateway calls it: a request finds its method by its type."""

    signer: Signer
    calls: dict[str, Call]

    async def __call__(self, request: Message, who: Identity) -> Any:
        return await self.calls[type(request).__name__](request, Passage(self.signer.sign(who), request_id=REQUEST_ID))

    async def upload(self, file: Path, who: Identity, *, size: int | None = None, complete: bool = True) -> int:
        """Upload a file as a client does; answers the video's id."""
        content = await asyncio.to_thread(file.read_bytes)
        announced = len(content) if size is None else size
        begun = await self(pb.InitUploadRequest(filename=file.name, content_type="video/mp4", size=announced), who)
        assert await put(begun.upload_url, content) == httpx.codes.OK
        if complete:
            await self(pb.CompleteUploadRequest(video_id=begun.video_id), who)
        video_id: int = begun.video_id
        return video_id


async def put(url: str, content: bytes) -> int:
    async with httpx.AsyncClient(trust_env=False) as client:
        return (await client.put(url, content=content, headers={"content-type": "video/mp4"})).status_code


async def get(url: str) -> httpx.Response:
    async with httpx.AsyncClient(trust_env=False) as client:
        return await client.get(url)


@dataclass
class Studio:
    """Makes videos in a database by the service's own operations, as far along as a test wants them."""

    database: Database
    findings: Findings = field(
        default_factory=lambda: Findings(
            duration_ms=12_345,
            width=640,
            height=360,
            thumbnail="thumbnail.jpg",
            playlist="hls/360p.m3u8",
            captures=((0, "captures/000001.jpg"), (4_040, "captures/000002.jpg"), (8_000, "captures/000003.jpg")),
            analyses=({"start": 0.0, "end": 5.0, "silence": False}, {"start": 5.0, "end": 10.0, "peakDbfs": -1.5}),
        )
    )

    async def uploading(self, who: Identity, *, title: str = "film.mp4", size: int = 100) -> Video:
        context.enter(who, REQUEST_ID)
        async with self.database.transaction(who) as session:
            return await operations.reserve(session, who, filename=title, content_type="video/mp4", size=size)

    async def processing(self, who: Identity, **options: Any) -> Video:
        video = await self.uploading(who, **options)
        async with self.database.transaction(who) as session:
            await operations.begin_processing(session, who, video.video_id, "etag")
        return video

    async def ready(self, who: Identity, *, visibility: str = "", **options: Any) -> Video:
        video = await self.processing(who, **options)
        async with self.database.transaction(who) as session:
            assert await operations.make_ready(session, video.video_id, self.findings)
        if visibility:
            async with self.database.transaction(who) as session:
                await operations.change(session, who, video.video_id, {"visibility": visibility})
        return video


async def events(database: Database, video_id: int) -> list[str]:
    """The names of the events staged about a video, in order."""
    query = "SELECT type FROM outbox WHERE key = :key ORDER BY position"
    names = await column(database, query, key=str(video_id))
    return [str(name).rpartition(".")[2] for name in names]


async def column(database: Database, query: str, **values: Any) -> list[Any]:
    """The first column of a query over all tenants."""
    async with database.transaction(SYSTEM) as session:
        return list((await session.execute(text(query), values)).scalars())
