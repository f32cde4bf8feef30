"""The real parts: they start on free ports, answer a real client, and leave nothing behind."""

import os
import signal
import stat
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from uuid import uuid4

import psutil
import psycopg
import pytest
import redis
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from tools.stack import ports
from tools.stack.errors import PortTaken, StartFailed
from tools.stack.parts import Kafka, Part, Postgres, Redis, chosen
from tools.stack.processes import Managed

PARTS: list[type[Part]] = [Postgres, Kafka, Redis, chosen()]


@pytest.mark.parametrize("kind", PARTS, ids=lambda kind: kind.name)
def test_a_part_answers_while_it_runs_and_leaves_nothing(kind: type[Part]) -> None:
    with kind.ephemeral() as part:
        pid, folder = part.process.pid, part.folder
        assert pid is not None
        family = [psutil.Process(pid), *psutil.Process(pid).children(recursive=True)]
        assert part.is_healthy()
        assert stat.S_IMODE(part.data.stat().st_mode) == 0o700
        part.start()  # once more changes nothing
        assert part.process.pid == pid
        listening = {
            address.laddr.ip for address in psutil.Process(pid).net_connections() if address.status == "LISTEN"
        }

    assert {address.removeprefix("::ffff:") for address in listening} == {ports.HOST}
    assert not ports.is_open(part.port)
    assert not any(process.is_running() for process in family)
    assert not folder.exists()


@pytest.mark.parametrize("kind", [Postgres, Redis], ids=lambda kind: kind.name)
def test_data_outlives_a_killed_server(kind: type[Part]) -> None:
    with kind.ephemeral() as part:
        word = remember(part)
        pid = part.process.pid
        assert pid is not None
        os.kill(pid, signal.SIGKILL)
        psutil.wait_procs([psutil.Process(pid)], timeout=5)
        assert not part.is_healthy()
        assert part.process.is_stale

        part.start()

        assert part.process.pid != pid
        assert recall(part) == word


def remember(part: Part) -> str:
    word = uuid4().hex
    if isinstance(part, Redis):
        with redis.Redis.from_url(part.url) as client:
            client.set("word", word)
    if isinstance(part, Postgres):
        with psycopg.connect(part.dsn()) as server:
            server.execute("CREATE TABLE words AS SELECT %s::text AS word", (word,))
    return word


def recall(part: Part) -> str:
    if isinstance(part, Redis):
        with redis.Redis.from_url(part.url, decode_responses=True) as client:
            return str(client.get("word"))
    assert isinstance(part, Postgres)
    with psycopg.connect(part.dsn()) as server:
        row = server.execute("SELECT word FROM words").fetchone()
    return str(row[0]) if row else ""


def test_postgres_has_what_the_services_stand_on() -> None:
    with Postgres.ephemeral(password="a password / with @ signs") as part:
        with psycopg.connect(part.dsn()) as server:
            settings = server.execute("SELECT current_setting('wal_level'), current_setting('TimeZone')").fetchone()
            extensions = {name for (name,) in server.execute("SELECT name FROM pg_available_extensions")}
        with pytest.raises(psycopg.OperationalError, match="password"):
            psycopg.connect(part.dsn(password="another"))

    assert settings == ("logical", "UTC")
    assert extensions >= {"pg_stat_statements", "pg_trgm", "btree_gist", "vector"}


async def test_kafka_takes_and_gives_messages_and_makes_no_topic_by_itself() -> None:
    with Kafka.ephemeral() as part:
        admin = AIOKafkaAdminClient(bootstrap_servers=part.address)
        await admin.start()
        await admin.create_topics([NewTopic("words", num_partitions=1, replication_factor=1)])
        producer = AIOKafkaProducer(bootstrap_servers=part.address, enable_idempotence=True)
        await producer.start()
        await producer.send_and_wait("words", b"hello", key=b"key")
        consumer = AIOKafkaConsumer("words", bootstrap_servers=part.address, auto_offset_reset="earliest")
        await consumer.start()
        message = await consumer.getone()
        topics = await admin.list_topics()
        for client in (consumer, producer):
            await client.stop()
        await admin.close()

    assert (message.key, message.value) == (b"key", b"hello")
    assert "words" in topics


@pytest.fixture
def taken() -> Iterator[Redis]:
    with Redis.ephemeral() as other:
        yield other


def test_a_taken_port_is_refused_and_its_holder_named(taken: Redis, folder: Path) -> None:
    with pytest.raises(
        PortTaken, match=rf"Port {taken.port} of redis is taken by process {taken.process.pid}"
    ) as refused:
        Redis(folder, taken.port).start()

    assert "STACK_REDIS_PORT" in refused.value.advice


def test_a_part_that_ends_while_it_starts_says_why(folder: Path) -> None:
    part = Redis(folder, ports.free())
    part.prepare()
    part.data.joinpath("appendonlydir").write_text("not a folder")

    with pytest.raises(StartFailed, match="redis ended while it started") as refused:
        part.start()

    assert "appendonlydir" in refused.value.tail


def test_a_killed_run_is_cleaned_up_by_the_next(folder: Path) -> None:
    part = Redis(folder, ports.free())
    part.start()
    (folder / "owner").write_text("1 1")  # a process that is gone

    with ExitStack() as stack:
        stack.enter_context(Redis.ephemeral())

        assert Managed("redis", folder).pid is None
        assert not ports.is_open(part.port)
        assert not folder.exists()
