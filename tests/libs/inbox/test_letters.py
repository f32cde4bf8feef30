"""Single dead letters: looked at, put back, thrown away; the others stay where they can be found."""

import pytest

from libs.inbox.letters import Fate, Heap, heap, heaps, opened, settle, waiting
from libs.kafka import Kafka, Record
from tests.libs.generated import TOPIC
from tests.libs.inbox.conftest import record
from tests.libs.ledger import fresh, stored


@pytest.fixture
async def full(kafka: Kafka) -> Heap:
    """A heap with the letters one, two, three of one key: one partition, in this order."""
    one = Heap(TOPIC, fresh())
    await kafka.ensure_topics([one.name])
    for words in ("one", "two", "three"):
        event = record(words, key="same")
        await kafka.send([Record(one.name, event.key, event.value, [*event.headers, ("dlq_reason", words.encode())])])
    return one


async def reasons(kafka: Kafka, one: Heap) -> list[str]:
    return [letter.reason for letter in await waiting(kafka, one)]


async def test_looking_changes_nothing(kafka: Kafka, full: Heap) -> None:
    assert await reasons(kafka, full) == await reasons(kafka, full) == ["one", "two", "three"]


async def test_one_that_is_replayed_goes_to_its_topic_under_its_own_id_and_the_others_wait(
    kafka: Kafka, full: Heap
) -> None:
    second = (await waiting(kafka, full))[1]

    assert await settle(kafka, full, Fate.REPLAYED, second.id) == 1

    assert sorted(await reasons(kafka, full)) == ["one", "three"]
    sought = second.header("ce_id").encode()
    back = [one for one in await stored(kafka, TOPIC) if dict(one.headers).get("ce_id") == sought]
    assert [(one.value, [name for name, _ in one.headers if name.startswith("dlq_")]) for one in back] == [
        (second.value, [])
    ]


async def test_one_that_is_dropped_is_gone_and_the_others_wait(kafka: Kafka, full: Heap) -> None:
    third = (await waiting(kafka, full))[2]

    assert await settle(kafka, full, Fate.DROPPED, third.id) == 1

    assert sorted(await reasons(kafka, full)) == ["one", "two"]


async def test_all_that_are_dropped_are_gone_and_later_ones_are_not(kafka: Kafka, full: Heap) -> None:
    assert await settle(kafka, full, Fate.DROPPED) == 3
    await kafka.send([Record(full.name, b"same", b"{}", [("dlq_reason", b"four")])])

    assert await reasons(kafka, full) == ["four"]


@pytest.mark.parametrize("fate", [Fate.REPLAYED, Fate.DROPPED], ids=lambda fate: fate.value)
async def test_letters_that_are_dealt_with_are_gone_for_everybody(kafka: Kafka, full: Heap, fate: Fate) -> None:
    """Also for whoever never heard of the replays, as Kafka itself when the group has been quiet for long."""
    await settle(kafka, full, fate)
    await kafka.send([Record(full.name, b"same", b"{}", [("dlq_reason", b"four")])])

    assert [one.headers for one in await stored(kafka, full.name)] == [(("dlq_reason", b"four"),)]


async def test_letters_around_one_that_is_dealt_with_stay_for_everybody(kafka: Kafka, full: Heap) -> None:
    second = (await waiting(kafka, full))[1]

    await settle(kafka, full, Fate.DROPPED, second.id)

    left = [dict(one.headers)["dlq_reason"] for one in await stored(kafka, full.name)]
    assert left == [b"three", b"one"]  # it went to the back


async def test_letters_that_could_not_be_deleted_are_with_the_next_that_are_dealt_with(
    kafka: Kafka, full: Heap
) -> None:
    """As when the brokers refused it, or a run was broken off."""
    consumer = await opened(kafka, full)
    await consumer.commit({one: end for one, end in (await consumer.end_offsets(consumer.assignment())).items() if end})
    await consumer.stop()
    assert len(await stored(kafka, full.name)) == 3

    assert await settle(kafka, full, Fate.DROPPED) == 0

    assert await stored(kafka, full.name) == []


@pytest.mark.parametrize("chosen", ["0:999", "99:0", "x"])
async def test_a_letter_that_is_not_there_is_refused_and_nothing_happens(kafka: Kafka, full: Heap, chosen: str) -> None:
    with pytest.raises(LookupError, match=f"No letter {chosen} waits in"):
        await settle(kafka, full, Fate.DROPPED, chosen)

    assert len(await waiting(kafka, full)) == 3


async def test_every_heap_is_found_by_its_name(kafka: Kafka, full: Heap) -> None:
    assert full in await heaps(kafka)


def test_a_name_is_taken_apart_by_the_topics_that_there_are() -> None:
    topics = ["a.v1", "a.v1.b", "a.v1.b.c.dlq", "a.v1.b.c.dlq.d.dlq", "orphan.dlq"]

    assert heap("a.v1.b.c.dlq", topics) == Heap("a.v1.b", "c")
    assert heap("orphan.dlq", topics) is None
    assert heap("a.v1", topics) is None
