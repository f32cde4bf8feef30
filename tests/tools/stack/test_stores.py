"""The stores are our own parts, except where the environment names another server."""

from pathlib import Path

import pytest

from tools.stack import ports, stores
from tools.stack.errors import StartFailed
from tools.stack.keys import Keys
from tools.stack.layout import load
from tools.stack.parts import Redis
from tools.stack.stores import Stores, check_foreign


def find(folder: Path, **environ: str) -> Stores:
    return stores.find(load({"STACK_FOLDER": str(folder)}), Keys(folder), environ)


def test_without_a_word_every_store_is_our_own(folder: Path) -> None:
    found = find(folder)

    assert [part.name for part in found.own] == ["postgres", "kafka", "redis", "s3"]
    assert found.brokers == "127.0.0.1:19092"
    assert found.s3_key.access_key == "media"


def test_a_named_server_is_used_and_not_started(folder: Path) -> None:
    found = find(
        folder,
        STACK_POSTGRES_DSN="postgresql://admin:pw@db.internal:6432/orrery",
        STACK_S3_URL="https://KEY:a%2Fb@s3.internal",
    )

    assert [part.name for part in found.own] == ["kafka", "redis"]
    assert found.dsn("media_app", "a/b@c") == "postgresql://media_app:a%2Fb%40c@db.internal:6432/orrery"
    assert found.s3_url == "https://s3.internal"
    assert (found.s3_key.access_key, found.s3_key.secret_key) == ("KEY", "a/b")


def test_a_named_server_that_is_away_is_refused_by_name(folder: Path) -> None:
    port = ports.free()

    with pytest.raises(StartFailed, match=rf"redis at 127.0.0.1:{port} is not reached"):
        check_foreign(find(folder, STACK_REDIS_URL=f"redis://127.0.0.1:{port}/0"))


def test_a_named_server_that_answers_is_good(folder: Path) -> None:
    with Redis.ephemeral() as other:
        check_foreign(find(folder, STACK_REDIS_URL=other.url))
