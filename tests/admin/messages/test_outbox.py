"""`orrery outbox`: what waits, sending it without the service, and taking out what nobody can send."""

import json
import uuid
from contextlib import suppress
from pathlib import Path

import psycopg
import pytest
from orrery.media.videos.v1.events_pb2 import VideoReady

from libs.kafka import Kafka
from libs.settings import KafkaSettings
from tests.admin.cli import beside, here
from tests.admin.conftest import Told
from tests.conftest import PASSWORD
from tests.libs.ledger import stored
from tools.stack import parts

ROW = """
INSERT INTO media.outbox (event_id, topic, key, type, payload, user_id, organization_id, request_id, traceparent,
                          created_at)
VALUES (%s, 'orrery.media.videos.v1', %s, %s, %s, 7, '', '', '', now() - interval '2 hours') RETURNING position
"""


@pytest.fixture
def staged(postgres: parts.Postgres, database: str) -> str:
    """A fresh key; one event of it waits in media's outbox, behind one that no release knows."""
    key = uuid.uuid4().hex
    with psycopg.connect(postgres.dsn(user="media_owner", password=PASSWORD, database=database)) as server:
        server.execute("TRUNCATE media.outbox")
        server.execute(ROW, [uuid.uuid4(), key, "orrery.media.videos.v1.Unheard", b"\x01"])
        ready = VideoReady(video_id=5)
        server.execute(ROW, [uuid.uuid4(), key, ready.DESCRIPTOR.full_name, ready.SerializeToString()])
    return key


async def test_what_blocks_is_shown_taken_out_and_the_rest_is_sent(
    staged: str, told_all: Told, kafka_settings: KafkaSettings
) -> None:
    [waits] = json.loads((await beside("outbox", "status", "--schema", "media", "--json", told=told_all)).out)
    line = await beside("outbox", "status", told=told_all)
    stuck = await beside("outbox", "replay", "--schema", "media", told=told_all)
    dropped = await beside("outbox", "drop", "media", str(waits["first"]["position"]), told=told_all)
    sent = await beside("outbox", "replay", told=told_all)

    assert (waits["waiting"], waits["first"]["type"]) == (2, "orrery.media.videos.v1.Unheard")
    assert waits["oldest_seconds"] > 7000
    assert f"media    2 wait, the oldest for 2 h; first: orrery.media.videos.v1.Unheard of {staged} at" in line.out
    assert "auth     nothing waits" in line.out
    assert (stuck.status, len(stuck.err.splitlines())) == (1, 1)
    assert stuck.err.startswith("The first event in media's outbox is of no known type")
    assert json.loads(dropped.out)["payload"] == "01"
    assert "media: 1 sent" in sent.out
    async with Kafka(kafka_settings) as kafka:
        assert [one.key for one in await stored(kafka, "orrery.media.videos.v1") if one.key == staged.encode()] == [
            staged.encode()
        ]


def test_an_event_of_unreadable_bytes_is_printed_as_it_is_taken_out(
    staged: str, postgres: parts.Postgres, database: str, told_all: Told
) -> None:
    with psycopg.connect(postgres.dsn(user="media_owner", password=PASSWORD, database=database)) as server:
        row = [uuid.uuid4(), staged, VideoReady.DESCRIPTOR.full_name, b"\xff\xff"]
        [(position,)] = server.execute(ROW, row).fetchall()

    dropped = here("outbox", "drop", "media", str(position), told=told_all)

    assert (dropped.status, dropped.err) == (0, "")
    assert json.loads(dropped.out)["payload"] == "ffff"


def test_an_event_that_could_not_be_printed_stays(staged: str, told_all: Told) -> None:
    del staged
    [waits] = json.loads(here("outbox", "status", "--schema", "media", "--json", told=told_all).out)
    position = str(waits["first"]["position"])

    with suppress(OSError), Path("/dev/full").open("w") as full:
        dropped = here("outbox", "drop", "media", position, told=told_all, stdout=full)

    assert dropped.status == 1
    assert json.loads(here("outbox", "status", "--schema", "media", "--json", told=told_all).out)[0]["waiting"] == 2


def test_a_position_at_which_nothing_waits_is_refused(staged: str, told_all: Told) -> None:
    del staged
    said = here("outbox", "drop", "media", "999999", told=told_all)

    assert (said.status, said.err) == (1, "No event waits at position 999999 of media's outbox.\n")
