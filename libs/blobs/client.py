"""The minio client behind asyncio: each call runs in a thread of a small pool of its own."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Self, TypeVar
from urllib.parse import urlsplit

import urllib3
from minio import Minio
from minio.datatypes import Object
from minio.deleteobjects import DeleteObject
from minio.error import MinioException, S3Error

from libs.settings import BlobSettings
from libs.telemetry import get_logger, inner_span

Answer = TypeVar("Answer")
log = get_logger(__name__)
THREADS = 8
MISSING = ("NoSuchKey", "NoSuchObject", "NotFound")


class BlobsAway(ConnectionError):
    """The S3 server does not answer, or answered with a fault of its own."""


class BlobMissing(LookupError):
    """There is no object under this key."""


@dataclass(frozen=True, slots=True)
class Stat:
    """An object's size in bytes, its media type and its entity tag."""

    size: int
    content_type: str
    etag: str


class Blobs:
    """One bucket. Enter it once per process."""

    def __init__(self, settings: BlobSettings) -> None:
        self._bucket = settings.bucket
        self._inner = connect(settings, settings.endpoint)
        self._public = connect(settings, settings.public_endpoint)  # signs only, never connects: the region is given
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="blobs")

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *raised: object) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)

    def presign_put(self, key: str, expires: timedelta) -> str:
        """A URL that a client may PUT this one object to."""
        return self._public.presigned_put_object(self._bucket, key, expires)

    def presign_get(self, key: str, expires: timedelta) -> str:
        """A URL that a client may GET this one object from."""
        return self._public.presigned_get_object(self._bucket, key, expires)

    async def stat(self, key: str) -> Stat:
        """Raises BlobMissing, BlobsAway."""
        found: Object = await self._run("stat", lambda: self._inner.stat_object(self._bucket, key))
        return Stat(found.size or 0, found.content_type or "", found.etag or "")

    async def download(self, key: str, target: Path) -> None:
        """Write the object to a file; raises BlobMissing, BlobsAway."""
        await self._run("get", lambda: self._inner.fget_object(self._bucket, key, str(target)))

    async def upload(self, key: str, source: Path, content_type: str) -> None:
        """Store a file under the key, replacing what was there; raises BlobsAway."""
        await self._run("put", lambda: self._inner.fput_object(self._bucket, key, str(source), content_type))

    async def read(self, key: str) -> bytes:
        """A small object's bytes; raises BlobMissing, BlobsAway."""
        return await self._run("get", lambda: read(self._inner, self._bucket, key))

    async def remove_prefix(self, prefix: str) -> int:
        """Remove every object under the prefix and answer how many; removing nothing is fine. Raises BlobsAway."""
        return await self._run("remove", lambda: remove(self._inner, self._bucket, prefix))

    async def answers(self) -> bool:
        """Whether the server answers for the bucket now."""
        try:
            async with asyncio.timeout(3.0):
                return await self._run("bucket", lambda: self._inner.bucket_exists(self._bucket))
        except (BlobsAway, TimeoutError):
            return False

    async def _run(self, verb: str, call: Callable[[], Answer]) -> Answer:
        with inner_span(f"s3 {verb}"):
            try:
                return await asyncio.get_running_loop().run_in_executor(self._threads, call)
            except S3Error as refused:
                if refused.code in MISSING:
                    raise BlobMissing(verb) from None
                raise away(refused) from refused
            except (MinioException, urllib3.exceptions.HTTPError, OSError) as failure:
                raise away(failure) from failure


def away(failure: Exception) -> BlobsAway:
    log.warning("blobs_away", error=str(failure))
    return BlobsAway("The object store does not answer.")


def connect(settings: BlobSettings, endpoint: str) -> Minio:
    parts = urlsplit(endpoint)
    pool = urllib3.PoolManager(
        timeout=urllib3.Timeout(connect=3, read=60),
        maxsize=THREADS,
        retries=urllib3.Retry(2, backoff_factor=0.2),
        ca_certs=str(settings.authority) if settings.authority else None,
    )
    secret = settings.secret_key.get_secret_value()
    return Minio(
        endpoint=parts.netloc,
        access_key=settings.access_key,
        secret_key=secret,
        secure=parts.scheme == "https",
        region=settings.region,
        http_client=pool,
    )


def read(client: Minio, bucket: str, key: str) -> bytes:
    response = client.get_object(bucket, key)
    try:
        return response.read()
    finally:
        response.close()
        response.release_conn()


def remove(client: Minio, bucket: str, prefix: str) -> int:
    names = [found.object_name for found in client.list_objects(bucket, prefix, recursive=True) if found.object_name]
    failed = list(client.remove_objects(bucket, [DeleteObject(name) for name in names]))
    if failed:
        raise OSError(f"{len(failed)} of {len(names)} objects could not be removed")
    return len(names)
