"""`orrery doctor`: silent about what is well, and one line with its advice for each thing that is not."""

import asyncio
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
from aiokafka import TopicPartition

from admin.backup.kafka.positions import commit
from admin.certificates.material import make_authority
from admin.doctor.commands import examined
from admin.doctor.finding import Finding
from admin.settings import AdminSettings
from libs.inbox.letters import Heap
from libs.kafka import Kafka, Record
from libs.settings import KafkaSettings
from tests.admin.cli import here, orrery
from tests.admin.conftest import Told
from tests.conftest import PASSWORD
from tools.stack import parts


def findings(told: Told) -> list[Finding]:
    """What is found in an installation that is told this."""
    found = asyncio.run(examined(settings_of(told), show=False))
    assert all(one.advice for one in found if one.level in ("WARN", "FAIL"))
    return found


def settings_of(told: Told) -> AdminSettings:
    with pytest.MonkeyPatch.context() as environment:
        for name, value in told.items():
            environment.setenv(name, value)
        return AdminSettings.told()


def wrong(found: list[Finding]) -> list[tuple[str, str]]:
    return [(one.check, one.level) for one in found if one.level in ("WARN", "FAIL")]


@pytest.fixture
def changed(postgres: parts.Postgres, database: str) -> Iterator[psycopg.Connection[Any]]:
    """The administrator's connection, to break things by."""
    with psycopg.connect(postgres.dsn(database=database), autocommit=True) as server:
        yield server


def test_an_installation_that_was_just_made_fails_nothing(told_all: Told) -> None:
    said = orrery("doctor", told=told_all)

    assert said.status == 0
    assert not [line for line in said.out.splitlines() if line.startswith("FAIL")]
    for check in ("postgres", "roles", "schema", "outbox", "master key", "kafka", "copies", "bucket", "redis"):
        assert f"ok   {check}" in said.out


def test_a_failure_is_the_exit_status_and_json_says_all(told_all: Told) -> None:
    said = orrery("doctor", "--json", told={**told_all, "ORRERY_REDIS__URL": "redis://127.0.0.1:1"})

    failed = [one for one in json.loads(said.out) if one["level"] == "FAIL"]
    assert (said.status, said.err, [one["check"] for one in failed]) == (1, "", ["redis"])
    assert failed[0]["advice"]


def test_each_store_that_is_away_fails_alone(told_all: Told) -> None:
    away = {
        "postgres": {"ORRERY_POSTGRES__URL": "postgresql://127.0.0.1:1/orrery"},
        "kafka": {"ORRERY_KAFKA__BROKERS": "127.0.0.1:1"},
        "bucket": {"ORRERY_BLOBS__ENDPOINT": "http://127.0.0.1:1"},
        "redis": {"ORRERY_REDIS__URL": "redis://127.0.0.1:1"},
    }
    for check, change in away.items():
        failed = {name for name, level in wrong(findings({**told_all, **change})) if level == "FAIL"}
        assert failed == {check} | ({"master key"} if check == "postgres" else set())


@pytest.mark.parametrize(
    ("breaking", "mending", "check", "says"),
    [
        ("ALTER ROLE media_app BYPASSRLS", "ALTER ROLE media_app NOBYPASSRLS", "roles", "administrator"),
        (
            "GRANT CREATE ON SCHEMA media TO media_app",
            "REVOKE CREATE ON SCHEMA media FROM media_app",
            "roles",
            "make tables",
        ),
        (
            "ALTER TABLE media.video_metadata NO FORCE ROW LEVEL SECURITY",
            "ALTER TABLE media.video_metadata FORCE ROW LEVEL SECURITY",
            "roles",
            "no forced row security",
        ),
        (
            "UPDATE media.alembic_version SET version_num = '0001'",
            "UPDATE media.alembic_version SET version_num = '0002'",
            "schema",
            "media is at 0001, this release needs 0002",
        ),
    ],
    ids=["bypass", "create", "force", "revision"],
)
def test_what_is_wrong_in_a_schema_is_named(
    told_all: Told, changed: psycopg.Connection[Any], breaking: str, mending: str, check: str, says: str
) -> None:
    changed.execute(breaking)
    try:
        found = [one for one in findings(told_all) if one.level == "FAIL"]
    finally:
        changed.execute(mending)

    assert [one.check for one in found] == [check]
    assert says in found[0].what


def test_a_later_schema_is_a_warning(told_all: Told, changed: psycopg.Connection[Any]) -> None:
    changed.execute("UPDATE media.alembic_version SET version_num = '9999'")
    found = findings(told_all)
    changed.execute("UPDATE media.alembic_version SET version_num = '0002'")

    assert ("schema", "WARN") in wrong(found)
    assert ("schema", "FAIL") not in wrong(found)


@pytest.mark.parametrize(("minutes", "level"), [(2, "WARN"), (20, "FAIL")])
def test_an_outbox_that_does_not_move_is_named(
    told_all: Told, postgres: parts.Postgres, database: str, minutes: int, level: str
) -> None:
    with psycopg.connect(postgres.dsn(user="auth_owner", password=PASSWORD, database=database)) as server:
        server.execute(
            "INSERT INTO auth.outbox (event_id, topic, key, type, payload, user_id, organization_id, request_id, "
            "traceparent, created_at) VALUES (gen_random_uuid(), 't', 'k', 'made.up.Thing', '', 1, '', '', '', "
            "now() - make_interval(mins => %s))",
            [minutes],
        )
    found = [one for one in findings(told_all) if one.check == "outbox" and one.level != "ok"]
    with psycopg.connect(postgres.dsn(user="auth_owner", password=PASSWORD, database=database)) as server:
        server.execute("TRUNCATE auth.outbox")

    assert [(one.level, "made.up.Thing" in one.what) for one in found] == [(level, True)]


@pytest.mark.parametrize(
    ("change", "check", "says"),
    [
        ({"ORRERY_BUCKETS": "nobodys"}, "bucket", "nobodys: "),
        ({"ORRERY_BLOBS__SECRET_KEY": "wrong"}, "bucket", "SignatureDoesNotMatch"),
        ({"ORRERY_REDIS__PASSWORD": "wrong"}, "redis", "refuses: "),
        ({"ORRERY_POSTGRES__PASSWORDS": "/nowhere"}, "postgres", "The password of auth_app is not at"),
        ({"ORRERY_KEYS__MASTER": "/nowhere"}, "master key", "/nowhere"),
    ],
    ids=["bucket", "secret", "redis", "passwords", "master"],
)
def test_what_is_told_wrongly_is_named(told_all: Told, change: Told, check: str, says: str) -> None:
    found = [one for one in findings({**told_all, **change}) if one.level == "FAIL" and one.check == check]

    assert found
    assert says in found[0].what


async def test_what_others_have_in_the_same_kafka_is_not_ours(told_all: Told, kafka_settings: KafkaSettings) -> None:
    theirs = Heap("theirs", "their-group")
    async with Kafka(kafka_settings) as kafka:
        await kafka.ensure_topics([theirs.topic, theirs.name], partitions=1)
        await kafka.send([Record(name, b"key", b"value", []) for name in (theirs.topic, theirs.name)])
        assert await commit(kafka, theirs.group, {TopicPartition(theirs.topic, 0): 0})

    found = await asyncio.to_thread(findings, told_all)

    assert not [one for one in found if "their" in one.what]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ORRERY_BLOBS__AUTHORITY", "/nowhere"),
        ("ORRERY_REDIS__AUTHORITY", "/nowhere"),
        ("ORRERY_REDIS__URL", "127.0.0.1:6379"),
    ],
    ids=["blobs-authority", "redis-authority", "redis-url"],
)
def test_a_setting_that_is_wrong_is_named(told_all: Told, name: str, value: str) -> None:
    said = here("doctor", told={**told_all, name: value})

    assert (said.status, said.out) == (1, "")
    assert said.err.startswith(f"{name}: ")
    assert said.err.count("\n") == 1


def test_a_redis_at_a_socket_is_named_by_its_path(told_all: Told) -> None:
    found = findings({**told_all, "ORRERY_REDIS__URL": "unix:///nowhere/redis"})

    [redis] = [one for one in found if one.check == "redis"]
    assert redis.what.startswith("/nowhere/redis does not answer")


@pytest.mark.parametrize(("age_days", "level"), [(1, "ok"), (70, "WARN"), (91, "FAIL"), (-2, "FAIL")])
def test_certificates_are_looked_at_by_their_age(told_all: Told, tmp_path: Path, age_days: int, level: str) -> None:
    begun = datetime.now(UTC) - timedelta(days=age_days)
    held = tmp_path / "..2026_11_21"  # as Kubernetes mounts a volume
    (held / "auth").mkdir(parents=True)
    (held / "auth" / "tls.crt").write_bytes(make_authority("x", timedelta(days=90), begun).certificate_pem)
    (tmp_path / "..data").symlink_to(held.name)
    (tmp_path / "auth").symlink_to("..data/auth")

    found = findings({**told_all, "ORRERY_CERTIFICATES": str(tmp_path)})

    said = [(one.level, one.what.partition(" ")[0]) for one in found if one.check == "certificates"]
    assert said == [(level, "auth")]


def test_what_it_is_not_told_of_it_does_not_look_at() -> None:
    said = orrery("doctor")

    assert said.status == 0
    assert all(line.startswith("--  ") for line in said.out.splitlines())
