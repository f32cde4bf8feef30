"""Asking Kafka from a command: a busy broker is asked again."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from aiokafka.errors import KafkaError

from libs.kafka import Kafka, KafkaAway
from libs.settings import KafkaSettings

Answer = TypeVar("Answer")
TRIES = 4
PAUSE_SECONDS = 1.0


def asked(settings: KafkaSettings, ask: Callable[[Kafka], Awaitable[Answer]]) -> Answer:
    """What Kafka answers to somebody who does not know asyncio."""

    async def ask_once() -> Answer:
        async with Kafka(settings) as kafka:
            return await ask(kafka)

    return asyncio.run(ask_once())


async def patiently(ask: Callable[[], Awaitable[Answer]]) -> Answer:
    """Ask again while Kafka is away; raises KafkaAway after some tries. What is asked may be done twice."""
    for _ in range(TRIES - 1):
        try:
            return await ask()
        except KafkaAway:
            await asyncio.sleep(PAUSE_SECONDS)
    return await ask()


@contextmanager
def answering() -> Iterator[None]:
    """Raise KafkaAway for what a reader raises."""
    try:
        yield
    except (KafkaError, OSError) as away:
        raise KafkaAway(f"Kafka does not answer: {away or type(away).__name__}.") from away
