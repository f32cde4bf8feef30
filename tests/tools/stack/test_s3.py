"""Every S3 server that can be chosen does what media asks of it; its key reaches one bucket and no more."""

import io
from collections.abc import Iterator
from datetime import timedelta

import httpx
import pytest
from minio import Minio as Client
from minio.error import MinioException, S3Error

from tools.stack.install import golang
from tools.stack.parts import Credentials, Minio, ObjectStore, Rclone, Versitygw
from tools.stack.parts.s3 import REGION

KINDS: list[type[ObjectStore]] = [Versitygw, Rclone, *([Minio] if golang.path("minio").exists() else [])]


@pytest.fixture(scope="module", params=KINDS, ids=lambda kind: kind.kind)
def store(request: pytest.FixtureRequest) -> Iterator[ObjectStore]:
    kind: type[ObjectStore] = request.param
    with kind.ephemeral() as started:
        yield started


def client(store: ObjectStore, key: Credentials) -> Client:
    address = store.endpoint.removeprefix("http://")
    return Client(address, key.access_key, key.secret_key, secure=False, region=REGION)


def test_what_is_put_can_be_got(store: ObjectStore) -> None:
    user = client(store, store.user)

    user.put_object(store.bucket, "a/b c/ü.txt", io.BytesIO(b"hello"), 5, content_type="text/plain")

    found = user.stat_object(store.bucket, "a/b c/ü.txt")
    assert (found.size, found.content_type) == (5, "text/plain")
    assert user.get_object(store.bucket, "a/b c/ü.txt").data == b"hello"


def test_a_signed_url_lets_anyone_put_and_get_that_object(store: ObjectStore) -> None:
    user = client(store, store.user)
    upload = user.presigned_put_object(store.bucket, "signed", expires=timedelta(minutes=1))
    download = user.presigned_get_object(store.bucket, "signed", expires=timedelta(minutes=1))

    with httpx.Client(trust_env=False) as anyone:
        statuses = [anyone.put(upload, content=b"bytes").status_code, anyone.get(download).status_code]
        forged = anyone.get(download.replace("/signed?", "/other?"))

    assert statuses == [200, 200]
    assert forged.status_code == 403


def test_a_stranger_is_refused(store: ObjectStore) -> None:
    stranger = client(store, Credentials(store.user.access_key, "a-wrong-secret"))

    with pytest.raises(MinioException, match="SignatureDoesNotMatch"):
        next(stranger.list_objects(store.bucket))


def test_the_users_key_reaches_no_other_bucket(store: ObjectStore) -> None:
    if isinstance(store, Rclone):
        pytest.skip("rclone knows no rights; it serves the one bucket alone")
    client(store, store.root).make_bucket("others")
    user = client(store, store.user)

    with pytest.raises(S3Error, match="AccessDenied"):
        user.put_object("others", "mine", io.BytesIO(b"x"), 1)
    with pytest.raises(S3Error, match="AccessDenied"):
        user.make_bucket("more")


def test_a_restart_keeps_objects_and_key(store: ObjectStore) -> None:
    user = client(store, store.user)
    user.put_object(store.bucket, "kept", io.BytesIO(b"x"), 1)

    store.stop()
    store.start()

    assert user.stat_object(store.bucket, "kept").size == 1
