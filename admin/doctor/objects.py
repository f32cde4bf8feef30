"""The buckets: whether an object can be written, read and removed."""

import io
import uuid
from collections.abc import Iterator

import urllib3
from minio import Minio
from minio.error import MinioException, S3Error

from admin.doctor.finding import Finding, fail, ok
from admin.settings import ObjectSettings
from libs.blobs.client import connect

ADVICE = {
    "NoSuchBucket": "make the bucket, or mend ORRERY_BUCKETS",
    "AccessDenied": "grant this key reading and writing in the bucket",
    "InvalidAccessKeyId": "compare ORRERY_BLOBS__ACCESS_KEY with the server's",
    "SignatureDoesNotMatch": "compare ORRERY_BLOBS__SECRET_KEY with the server's",
    "RequestTimeTooSkewed": "mend the clock here or there",
}


def examine(objects: ObjectSettings, buckets: list[str]) -> Iterator[Finding]:
    for bucket in buckets:
        yield probe(connect(objects.of(bucket), objects.endpoint), objects.endpoint, bucket)


def probe(client: Minio, endpoint: str, bucket: str) -> Finding:
    """Write a small object, read it back, remove it."""
    key, content = f"doctor/{uuid.uuid4().hex}", uuid.uuid4().bytes
    try:
        client.put_object(bucket, key, io.BytesIO(content), len(content))
        answer = client.get_object(bucket, key)
        read = answer.read()
        answer.close()
        answer.release_conn()
        client.remove_object(bucket, key)
    except S3Error as refused:
        return fail(
            "bucket", f"{bucket}: {refused.code}: {refused.message}", ADVICE.get(refused.code or "", "ask its log")
        )
    except (MinioException, urllib3.exceptions.HTTPError, OSError) as away:
        return fail("bucket", f"{bucket}: {endpoint} does not answer: {away}", "compare ORRERY_BLOBS__ENDPOINT")
    if read != content:
        return fail("bucket", f"{bucket}: what was read is not what was written", "trust nothing it keeps; ask its log")
    return ok("bucket", f"{bucket}: written, read and removed")
