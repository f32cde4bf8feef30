"""The fleet's buckets, as a backup reads and a restore fills them."""

from collections.abc import Iterator
from datetime import timedelta
from http import HTTPStatus
from urllib.parse import urlsplit

import urllib3
from minio import Minio
from minio.datatypes import Object
from minio.deleteobjects import DeleteObject

from admin.backup.errors import CopyFailed
from admin.backup.stores.reading import reading
from admin.backup.stores.s3 import answering
from admin.backup.stores.store import CHUNK
from libs.blobs.client import connect
from libs.settings import BlobSettings

MOST_AT_ONCE = 5 << 30  # what S3 takes in one PUT
PART = 64 << 20
AN_HOUR = timedelta(hours=1)


class Buckets:
    """Raises StoreAway; may be used by many threads."""

    def __init__(self, settings: BlobSettings) -> None:
        self._client: Minio = connect(settings, settings.endpoint)
        self._host = urlsplit(settings.endpoint).netloc
        self._http = urllib3.PoolManager(
            timeout=urllib3.Timeout(connect=5, read=300),
            maxsize=32,
            retries=False,
            ca_certs=str(settings.authority) if settings.authority else None,
        )

    def exists(self, bucket: str) -> bool:
        with answering(f"{self._host}/{bucket}"):
            return self._client.bucket_exists(bucket)

    def listed(self, bucket: str) -> Iterator[Object]:
        with answering(f"{self._host}/{bucket}"):
            yield from self._client.list_objects(bucket, recursive=True)

    def read(self, bucket: str, key: str) -> tuple[str, str, int, Iterator[bytes]]:
        """An object's entity tag, media type, size and content; raises FileMissing."""
        with answering(f"{self._host}/{bucket}", key):
            response = self._client.get_object(bucket, key)
        headers = response.headers
        etag, size = headers.get("etag", "").strip('"'), int(headers.get("content-length", "0"))
        return etag, headers.get("content-type", ""), size, self._content(bucket, key, response)

    def _content(self, bucket: str, key: str, response: urllib3.BaseHTTPResponse) -> Iterator[bytes]:
        with answering(f"{self._host}/{bucket}", key):
            try:
                yield from response.stream(CHUNK)
            finally:
                response.close()
                response.release_conn()

    def write(self, bucket: str, key: str, size: int, media_type: str, chunks: Iterator[bytes]) -> None:
        """Store an object. In one PUT, as clients upload: so it gets the same entity tag, which services compare."""
        with answering(f"{self._host}/{bucket}"):
            if size > MOST_AT_ONCE:
                self._client.put_object(
                    bucket, key, reading(chunks), size, media_type, part_size=PART, num_parallel_uploads=1
                )
                return
            url = self._client.presigned_put_object(bucket, key, AN_HOUR)
            headers = {"content-length": str(size), "content-type": media_type or "application/octet-stream"}
            answer = self._http.request("PUT", url, body=reading(chunks), headers=headers)
            if answer.status != HTTPStatus.OK:
                raise CopyFailed(f"{self._host} does not take {bucket}/{key}: status {answer.status}.")

    def remove(self, bucket: str, keys: Iterator[str]) -> int:
        """Answers how many."""
        removed = 0

        def counted() -> Iterator[DeleteObject]:
            nonlocal removed
            for key in keys:
                removed += 1
                yield DeleteObject(key)

        with answering(f"{self._host}/{bucket}"):
            for failed in self._client.remove_objects(bucket, counted()):
                raise CopyFailed(f"{self._host} does not remove {bucket}/{failed.name}: {failed.message}.")
        return removed
