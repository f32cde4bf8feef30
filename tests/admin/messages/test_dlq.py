"""`orrery dlq`: dead letters found by name, shown, put back and forgotten."""

import json
import uuid
from collections.abc import AsyncIterator

import pytest

from libs.inbox.letters import Heap
from libs.kafka import Kafka, Record
from libs.settings import KafkaSettings
from tests.admin.cli import beside, here, orrery
from tests.libs.ledger import stored

HEADERS = [("ce_type", b"made.up.Thing"), ("ce_subject", b"5"), ("dlq_reason", b"LookupError: not yet")]


@pytest.fixture
def told(kafka_settings: KafkaSettings) -> dict[str, str]:
    return {"ORRERY_KAFKA__BROKERS": kafka_settings.brokers}


@pytest.fixture
async def kafka(kafka_settings: KafkaSettings) -> AsyncIterator[Kafka]:
    async with Kafka(kafka_settings) as opened:
        yield opened


@pytest.fixture
async def full(kafka: Kafka) -> Heap:
    """Two letters of one key."""
    one = Heap(f"made.up.t{uuid.uuid4().hex[:8]}", "some-group")
    await kafka.ensure_topics([one.topic, one.name])
    for number in (1, 2):
        await kafka.send([Record(one.name, b"5", b'{"number": %d}' % number, HEADERS)])
    return one


async def test_letters_are_listed_shown_replayed_and_forgotten(kafka: Kafka, full: Heap, told: dict[str, str]) -> None:
    listed = json.loads((await beside("dlq", "list", "--json", told=told)).out)
    lines = (await beside("dlq", "list", told=told)).out
    shown = (await beside("dlq", "show", full.name, told=told)).out.splitlines()
    letter = shown[0].split()[0]
    whole = json.loads((await beside("dlq", "show", full.name, "--letter", letter, told=told)).out)
    one = await beside("dlq", "replay", full.name, "--letter", letter, told=told)
    rest = await beside("dlq", "drop", full.name, "--all", told=told)

    [mine] = [found for found in listed if found["topic"] == full.name]
    assert (mine["waiting"], mine["reasons"]) == (2, {"LookupError: not yet": 2})
    assert f"{full.name}: 2 wait, the oldest for " in lines
    assert "2 x LookupError: not yet" in lines
    assert shown[0].endswith("made.up.Thing of 5: LookupError: not yet")
    assert (whole["value"], whole["reason"]) == ({"number": 1}, "LookupError: not yet")
    assert (one.out, rest.out) == (f"1 of {full.name} put back\n", f"1 of {full.name} dropped\n")
    assert [found.value for found in await stored(kafka, full.topic)] == [b'{"number": 1}']
    assert f"{full.name}: empty" in (await beside("dlq", "list", told=told)).out


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["show", "nothing"], "There is no dead-letter topic nothing; `orrery dlq list` shows all.\n"),
        (["drop", "nothing"], "Say which: --letter PARTITION:OFFSET, or --all.\n"),
        (["replay", "nothing"], "There is no dead-letter topic nothing; `orrery dlq list` shows all.\n"),
    ],
    ids=["show", "drop", "replay"],
)
def test_what_is_not_there_is_one_sentence(told: dict[str, str], arguments: list[str], sentence: str) -> None:
    said = here("dlq", *arguments, told=told)

    assert (said.status, said.out, said.err) == (1, "", sentence)


def test_brokers_that_are_away_are_one_sentence() -> None:
    said = orrery("dlq", "list", told={"ORRERY_KAFKA__BROKERS": "127.0.0.1:1"})

    assert (said.status, said.out, len(said.err.splitlines())) == (1, "", 1)
