"""Backups in a bucket of another S3 server are the same as in a folder."""

import asyncio
import io
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from minio import Minio

from libs.blobs.client import connect
from tests.admin.backup.keeper import MEDIA, Keeper, add_video
from tests.conftest import blobs_of
from tests.libs.keys import Authority
from tests.libs.tls import tls_before
from tools.stack import parts
from tools.stack.parts.s3 import astuple


@pytest.fixture(scope="module")
def backup_server() -> Iterator[parts.ObjectStore]:
    with parts.chosen().ephemeral() as server:
        yield server


@pytest.fixture
def keeper_in_bucket(keeper: Keeper, backup_server: parts.ObjectStore) -> Keeper:
    given = blobs_of(backup_server)
    client = connect(given, given.endpoint)
    for found in client.list_objects(given.bucket, recursive=True):
        client.remove_object(given.bucket, found.object_name or "")
    keeper.environment |= {
        "ORRERY_BACKUP__FOLDER": "",
        "ORRERY_BACKUP__ENDPOINT": given.endpoint,
        "ORRERY_BACKUP__BUCKET": given.bucket,
        "ORRERY_BACKUP__ACCESS_KEY": given.access_key,
        "ORRERY_BACKUP__SECRET_KEY": given.secret_key.get_secret_value(),
        "ORRERY_BACKUP__PREFIX": "fleets/one",
    }
    return keeper


def bucket_of(keeper: Keeper) -> Minio:
    told = keeper.environment
    host = told["ORRERY_BACKUP__ENDPOINT"].removeprefix("http://")
    keys = told["ORRERY_BACKUP__ACCESS_KEY"], told["ORRERY_BACKUP__SECRET_KEY"]
    return Minio(host, *keys, secure=False)


def test_a_backup_goes_there_and_comes_back(keeper_in_bucket: Keeper, new_database: Callable[..., str]) -> None:
    keeper = keeper_in_bucket
    large = bytes(range(256)) * (5 << 12)  # 5 MiB: more than one chunk
    add_video(keeper, "large", content=large)
    add_video(keeper, "empty", content=b"")
    objects = keeper.objects()

    keeper.do("create")
    keeper.do("verify")
    keeper.wipe_objects()
    keeper.database = new_database()
    keeper.do("restore", "latest", "--without-kafka")

    assert keeper.objects() == objects
    assert keeper.ask("SELECT title FROM media.video_metadata ORDER BY 1") == [("empty",), ("large",)]


async def test_a_store_of_an_authority_of_ones_own_is_backed_up_and_brought_back(
    keeper: Keeper, s3_server: parts.ObjectStore, new_database: Callable[..., str], tmp_path: Path
) -> None:
    authority = Authority.make(tmp_path / "authority")
    add_video(keeper, "a film")
    objects = keeper.objects()

    async with tls_before(s3_server.port, authority) as port:
        keeper.environment["ORRERY_BLOBS__ENDPOINT"] = f"https://localhost:{port}"
        keeper.environment["ORRERY_BLOBS__AUTHORITY"] = str(authority.file)
        await asyncio.to_thread(keeper.do, "create")
        keeper.wipe_objects()
        keeper.database = new_database()
        await asyncio.to_thread(keeper.do, "restore", "latest", "--without-kafka")

    assert keeper.objects() == objects


def test_a_key_that_may_not_remove_makes_backups_that_are_complete(
    keeper_in_bucket: Keeper, backup_server: parts.ObjectStore
) -> None:
    if not isinstance(backup_server, parts.Versitygw):
        pytest.skip("a bucket of this server has no policy that binds its owner")
    keeper, bucket = keeper_in_bucket, backup_server.bucket
    root = Minio(urlsplit(backup_server.endpoint).netloc, *astuple(backup_server.root), secure=False)
    keeper.environment["ORRERY_BACKUP__KEEP"] = "1"
    keeper.do("create")
    root.set_bucket_policy(bucket, json.dumps(without_removing(bucket, backup_server.user.access_key)))

    try:
        said = keeper.do("create")
    finally:
        root.delete_bucket_policy(bucket)

    [older, newer] = [one["id"] for one in keeper.listed()]
    assert older < newer
    assert f"backup {newer} is complete" in said
    assert "Warning: " in said
    assert "does not remove" in said


def without_removing(bucket: str, user: str) -> dict[str, Any]:
    """A policy of a bucket."""
    whole, inside = f"arn:aws:s3:::{bucket}", f"arn:aws:s3:::{bucket}/*"
    may = {"Effect": "Allow", "Action": ["s3:ListBucket", "s3:GetObject", "s3:PutObject"], "Resource": [whole, inside]}
    may_not = {"Effect": "Deny", "Action": ["s3:DeleteObject"], "Resource": [inside]}
    return {"Version": "2012-10-17", "Statement": [{**one, "Principal": {"AWS": [user]}} for one in (may, may_not)]}


def test_the_entity_tags_that_services_compare_are_the_same(
    keeper_in_bucket: Keeper, new_database: Callable[..., str]
) -> None:
    keeper = keeper_in_bucket
    url = keeper.buckets.presigned_put_object(MEDIA, "a film")  # as clients upload
    assert httpx.put(url, content=b"x" * 6_000_000, trust_env=False).status_code == httpx.codes.OK
    before = {one.object_name: one.etag for one in keeper.buckets.list_objects(MEDIA, recursive=True)}

    keeper.do("create")
    keeper.wipe_objects()
    keeper.database = new_database()
    keeper.do("restore", "latest", "--without-kafka")

    after = {one.object_name: one.etag for one in keeper.buckets.list_objects(MEDIA, recursive=True)}
    assert after == before


def test_the_older_of_two_goes_and_the_newer_stays_good(keeper_in_bucket: Keeper) -> None:
    add_video(keeper_in_bucket, "first")
    keeper_in_bucket.do("create")
    keeper_in_bucket.wipe_objects()
    add_video(keeper_in_bucket, "second")
    keeper_in_bucket.do("create")

    keeper_in_bucket.do("prune", "--keep", "1")

    assert len(keeper_in_bucket.listed()) == 1
    assert "is good" in keeper_in_bucket.do("verify")


def test_a_wrong_key_is_said_in_a_line(keeper_in_bucket: Keeper) -> None:
    keeper_in_bucket.environment["ORRERY_BACKUP__SECRET_KEY"] = "wrong"

    said = keeper_in_bucket.refused("create")

    assert "SignatureDoesNotMatch" in said
    assert len(said.strip().splitlines()) == 1


def test_without_a_prefix_nothing_of_others_in_the_bucket_is_touched(keeper_in_bucket: Keeper) -> None:
    keeper = keeper_in_bucket
    keeper.environment["ORRERY_BACKUP__PREFIX"] = ""
    given = keeper.environment["ORRERY_BACKUP__BUCKET"]
    client = bucket_of(keeper)
    theirs = {"backups/site/2026.tar", "pool/ab/ab", "orrery/backups/junk/manifest.json", "orrery/pool/table.csv"}
    for name in theirs:
        client.put_object(given, name, io.BytesIO(b"theirs"), 6)
    for content in (b"first", b"second"):
        keeper.wipe_objects()
        add_video(keeper, "a film", content=content)
        keeper.do("create")

    keeper.do("prune", "--keep", "1")

    names = {one.object_name or "" for one in client.list_objects(given, recursive=True)}
    assert theirs < names
    assert all(name.startswith("orrery/") for name in names - theirs)
    assert len(keeper.listed()) == 1
