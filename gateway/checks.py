"""What the health reports and readiness ask, and of whom.

The gateway is ready once it holds the keys that access tokens are checked by and has met the services, and stays so
while they come and go: a readiness that followed auth or Redis would take every gateway away at once and turn one fault
into an outage.
"""

import asyncio
import time
from collections.abc import Mapping
from functools import partial

from gateway.health import Ask, Check
from gateway.identity import Keys
from gateway.limits import Store
from libs.kafka import Kafka
from libs.rpc import Client
from libs.telemetry import Answer, No


def checks(clients: Mapping[str, Client], keys: Keys, store: Store, kafka: Kafka) -> dict[str, Check]:
    """Each part by the name that the reports give it."""
    services = {name: Check(client.is_ready) for name, client in clients.items()}
    return {
        "access_keys": Check(has(keys), is_vital=True),
        "database": Check(any_serves(clients)),
        "redis": Check(store.answers),
        "storage": Check(partial(clients["media"].is_ready, "storage")),
        "message_queue": Check(kafka.answers),
        **services,
    }


def has(keys: Keys) -> Ask:
    async def ask() -> Answer:
        return bool(keys.current) or No("auth has given no keys that tokens are checked by")

    return ask


def any_serves(clients: Mapping[str, Client]) -> Ask:
    """Whether the database answers: a service says that it serves only while it reaches the one that all share."""

    async def ask() -> bool:
        asked = [asyncio.create_task(client.is_ready()) for client in clients.values()]
        try:
            for answer in asyncio.as_completed(asked):
                if await answer:
                    return True
            return False
        finally:
            for task in asked:
                task.cancel()
            await asyncio.gather(*asked, return_exceptions=True)

    return ask


class Meeting:
    """Whether each service has answered once since this process began; after `seconds` they are waited for no longer.

    Gateways start sooner than services. One that is ready before it has found them would lose the requests that a new
    track is given at once.
    """

    def __init__(self, clients: Mapping[str, Client], seconds: float) -> None:
        self._missing = dict(clients)
        self._ends = time.monotonic() + seconds

    async def is_over(self) -> Answer:
        """True from the first time that all were met or the time was up."""
        if time.monotonic() < self._ends:
            serve = await asyncio.gather(*(client.is_ready() for client in self._missing.values()))
            self._missing = {
                name: self._missing[name] for name, serves in zip(self._missing, serve, strict=True) if not serves
            }
        else:
            self._missing = {}
        return No(f"not met yet: {', '.join(self._missing)}") if self._missing else True
