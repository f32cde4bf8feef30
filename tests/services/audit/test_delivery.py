"""What Kafka and PostgreSQL may do to an event on its way into the audit log."""

import uuid

import psycopg
import pytest
from orrery.auth.sessions.v1.events_pb2 import LoginRefused
from orrery.media.videos.v1.events_pb2 import VideoReady
from sqlalchemy import text

from libs.database import SYSTEM, Database
from libs.inbox.letters import Fate, Heap, settle
from libs.kafka import Kafka, Record
from libs.settings import DatabaseSettings, KafkaSettings
from services.audit.audit_log.consumers import GROUP, audit_log_consumer
from tests.libs.ledger import stored
from tests.libs.waiting import eventually, running
from tests.services.audit.builders import Api, Said, caller
from tools.stack import parts

TOPIC = "orrery.media.videos.v1"
DEAD = f"{TOPIC}.{GROUP}.dlq"


@pytest.mark.usefixtures("consuming")
async def test_an_event_delivered_three_times_leaves_one_row(kafka: Kafka, database: Database) -> None:
    said, last = Said(VideoReady(video_id=5)), Said(VideoReady(video_id=6))

    await kafka.send([said.record, said.record])
    await kafka.send([said.record, last.record])

    await eventually(lambda: count(database, last))
    assert await count(database, said) == 1


@pytest.mark.usefixtures("consuming")
async def test_an_event_of_nobody_is_kept_and_shown_to_no_tenant(kafka: Kafka, database: Database, api: Api) -> None:
    said = Said(LoginRefused(user_id=5, reason="wrong_password"), user_id=0, organization_id="", source="auth")

    await kafka.send([said.record])

    await eventually(lambda: count(database, said))
    assert await columns(database, said) == (None, None, 5)
    assert not (await api.audit_logs(caller(str(uuid.uuid4())))).items


@pytest.mark.usefixtures("consuming")
@pytest.mark.parametrize(
    "spoil",
    [
        lambda record: Record(record.topic, record.key, b"{not json", record.headers),
        lambda record: Record(record.topic, record.key, b"[1]", record.headers),
        lambda record: Record(record.topic, record.key, record.value, []),
        lambda record: Record(record.topic, record.key, record.value, changed(record, "ce_type", "orrery.no.v1.Such")),
        lambda record: Record(record.topic, record.key, record.value, changed(record, "ce_id", "no-uuid")),
        lambda record: Record(record.topic, record.key, record.value, changed(record, "ce_time", "yesterday")),
        lambda record: Record(record.topic, record.key, record.value, changed(record, "ce_organizationid", "acme")),
        lambda record: Record(record.topic, record.key, b"", changed(record, "ce_type", "orrery.types.v1.RawJson")),
    ],
    ids=["no-json", "no-object", "no-headers", "unknown-type", "bad-id", "bad-time", "bad-organization", "no-event"],
)
async def test_a_poisoned_record_is_put_aside_with_its_reason_and_stops_nobody(
    spoil: object, kafka: Kafka, kafka_settings: KafkaSettings, database: Database
) -> None:
    assert callable(spoil)
    poison, good = spoil(Said(VideoReady(video_id=5)).record), Said(VideoReady(video_id=6))
    marked = Record(poison.topic, poison.key, poison.value, [*poison.headers, ("mark", good.id.encode())])

    await kafka.send([marked, good.record])

    await eventually(lambda: count(database, good))
    [letter] = [one for one in await stored(kafka, DEAD) if ("mark", good.id.encode()) in one.headers]
    assert letter.value == poison.value
    assert dict(letter.headers)["dlq_reason"]
    assert dict(letter.headers)["dlq_topic"] == TOPIC.encode()


async def test_a_dead_letter_that_is_replayed_becomes_a_row(
    kafka: Kafka, database: Database, settings: DatabaseSettings, postgres: parts.Postgres
) -> None:
    lost = Said(VideoReady(video_id=5))
    owner = postgres.dsn(database=settings.dsn.get_secret_value().rpartition("/")[2])
    async with running(audit_log_consumer(database, kafka)):
        execute(owner, "ALTER TABLE history.audit_log ADD CONSTRAINT closed CHECK (false) NOT VALID")
        await kafka.send([lost.record])
        await eventually(lambda: buried(kafka, lost))
        execute(owner, "ALTER TABLE history.audit_log DROP CONSTRAINT closed")

        await settle(kafka, Heap(TOPIC, GROUP), Fate.REPLAYED)

        await eventually(lambda: count(database, lost))
    assert await count(database, lost) == 1


async def test_events_said_while_nobody_listened_and_the_broker_was_away_arrive(
    settings: DatabaseSettings, database: Database
) -> None:
    before, meanwhile, after = (Said(VideoReady(video_id=number)) for number in (1, 2, 3))
    with parts.Kafka.ephemeral() as server:
        async with Kafka(KafkaSettings(brokers=server.address)) as kafka:
            async with running(audit_log_consumer(database, kafka)):
                await eventually(lambda: sent(kafka, before))
                await eventually(lambda: count(database, before))
                server.stop()
                assert not await kafka.answers()
                server.start()
                await eventually(lambda: sent(kafka, after))
                await eventually(lambda: count(database, after))
            await eventually(lambda: sent(kafka, meanwhile))
            async with running(audit_log_consumer(database, kafka)):
                await eventually(lambda: count(database, meanwhile))


async def sent(kafka: Kafka, said: Said) -> bool:
    try:
        await kafka.send([said.record])
    except ConnectionError:
        return False
    return True


async def count(database: Database, said: Said) -> int:
    async with database.transaction(SYSTEM) as session:
        query = text("SELECT count(*) FROM audit_log WHERE event_id = :id")
        return int(await session.scalar(query, {"id": said.id}) or 0)


async def columns(database: Database, said: Said) -> tuple[object, ...]:
    async with database.transaction(SYSTEM) as session:
        query = text("SELECT user_id, organization_id, target_id FROM audit_log WHERE event_id = :id")
        return tuple((await session.execute(query, {"id": said.id})).one())


async def buried(kafka: Kafka, said: Said) -> bool:
    return any(("ce_id", said.id.encode()) in letter.headers for letter in await stored(kafka, DEAD))


def changed(record: Record, name: str, value: str) -> list[tuple[str, bytes]]:
    return [(key, value.encode() if key == name else old) for key, old in record.headers]


def execute(dsn: str, statement: str) -> None:
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute(statement.encode())
