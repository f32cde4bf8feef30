"""The gateway's batches of requests become rows of the access log. This runs for every request of the platform."""

import ipaddress
from functools import lru_cache
from typing import Any

import orjson
from orrery.gateway.requests.v1.events_pb2 import RequestsServed

from libs.database import Database, Session
from libs.inbox import Consumer, Delivery
from libs.kafka import Kafka
from libs.kafka.json import as_dict
from services.audit.access_log import operations

GROUP = "access-log"
NUL = r"\u0000"


def access_log_consumer(database: Database, kafka: Kafka) -> Consumer:
    """Consumes the gateway's requests, apart from the audit log: neither waits for the other."""
    topic = RequestsServed.DESCRIPTOR.file.package
    return Consumer(database, kafka, group=GROUP, handlers={}, everything=record, topics=(topic,))


async def record(session: Session, delivery: Delivery) -> None:
    """Write a batch's rows in one statement."""
    if isinstance(delivery.event, RequestsServed):
        await operations.record(session, delivery.envelope.source, as_json(delivery.event))


def as_json(served: RequestsServed) -> str:
    """The requests as a JSON array that PostgreSQL takes: addresses that are none are null, and NUL is left out."""
    requests: list[dict[str, Any]] = as_dict(served)["requests"]
    for one in requests:
        one["address"] = address(one["address"])
    found = orjson.dumps(requests).decode()
    return found if NUL not in found else orjson.dumps([without_nul(one) for one in requests]).decode()


def without_nul(request: dict[str, Any]) -> dict[str, Any]:
    return {name: value.replace("\0", "") if isinstance(value, str) else value for name, value in request.items()}


@lru_cache(maxsize=4096)
def address(text: str) -> str | None:
    """An address that PostgreSQL takes as INET; None where the text is none."""
    try:
        found = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return None
    return str(found)
