"""Puts dead letters back; `orrery dlq replay` does it at the command line."""

from libs.inbox.letters import Fate, Heap, settle
from libs.kafka import Kafka


async def replay(kafka: Kafka, topic: str, group: str) -> int:
    """Send every dead letter not yet replayed back to `topic`; answers how many. One that fails anew waits for the next
    replay. Raises LookupError where the group has no dead letters' topic, KafkaAway.
    """
    return await settle(kafka, Heap(topic, group), Fate.REPLAYED)
