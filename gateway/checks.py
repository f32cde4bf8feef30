"""What the health reports and readiness ask, and of whom.

The gateway is ready once it holds the keys that access tokens are checked by, and stays so while other parts come and
go: a readiness that followed auth or Redis would take every gateway away at once and turn one fault into an outage.
"""

import asyncio
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
