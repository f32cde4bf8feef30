"""A bucket of an S3 server. An object appears when its upload is complete, so nothing half-written is ever seen."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

import urllib3
from minio.deleteobjects import DeleteObject
from minio.error import MinioException, S3Error

from admin.backup import names
from admin.backup.errors import StoreAway
from admin.backup.stores.reading import reading
from admin.backup.stores.store import CHUNK, File, FileMissing, checked
from libs.blobs.client import MISSING, connect
from libs.settings import BlobSettings

PART = 32 << 20
"""Bytes of a part, which are held in memory; 10,000 of them make the largest file: 312 GiB."""


class S3Store:
    def __init__(self, settings: BlobSettings, prefix: str) -> None:
        self._client, self._bucket = connect(settings, settings.endpoint), settings.bucket
        self._prefix = f"{prefix}/" if prefix else ""
        self._host = urlsplit(settings.endpoint).netloc

    @property
    def place(self) -> str:
        return f"{self._host}/{self._bucket}/{self._prefix}".rstrip("/")

    def exists(self) -> bool:
        with answering(self.place):
            return self._client.bucket_exists(self._bucket)

    def write(self, name: str, chunks: Iterable[bytes]) -> None:
        with answering(self.place):
            self._client.put_object(
                self._bucket,
                self._prefix + checked(name),
                reading(chunks),
                length=-1,
                part_size=PART,
                num_parallel_uploads=1,
            )

    def read(self, name: str) -> Iterator[bytes]:
        with answering(self.place, name):
            response = self._client.get_object(self._bucket, self._prefix + checked(name))
            try:
                yield from response.stream(CHUNK)
            finally:
                response.close()
                response.release_conn()

    def files(self, prefix: str) -> Iterator[File]:
        with answering(self.place):
            for found in self._client.list_objects(self._bucket, self._prefix + prefix, recursive=True):
                name = (found.object_name or "").removeprefix(self._prefix)
                if names.is_file(name):
                    yield File(name, found.size or 0)

    def remove(self, files: Iterable[str]) -> None:
        with answering(self.place):
            wanted = (DeleteObject(self._prefix + checked(name)) for name in files)
            for failed in self._client.remove_objects(self._bucket, wanted):
                raise StoreAway(f"{self.place} does not remove {failed.name}: {failed.message}.")


@contextmanager
def answering(place: str, name: str = "") -> Iterator[None]:
    """Raise StoreAway or FileMissing for what the client raises."""
    try:
        yield
    except S3Error as refused:
        if refused.code in MISSING:
            raise FileMissing(name) from None
        raise StoreAway(f"{place} refuses: {refused.code}, {refused.message}") from refused
    except (MinioException, urllib3.exceptions.HTTPError, OSError) as away:
        raise StoreAway(f"{place} does not answer: {away}") from away
