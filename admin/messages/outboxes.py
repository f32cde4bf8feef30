"""What waits in the outbox of each service to be sent."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import psycopg
from google.protobuf.descriptor_pool import Default
from google.protobuf.json_format import MessageToDict
from google.protobuf.message import DecodeError
from google.protobuf.message_factory import GetMessageClass
from psycopg.rows import dict_row

from admin.errors import Failed
from admin.settings import PostgresSettings
from libs.database import Database
from libs.kafka import Kafka
from libs.outbox import Relay

ALL_TENANTS = "SELECT set_config('app.system', 'on', true)"
COUNT = """
SELECT count(*) AS waiting, coalesce(extract(epoch FROM now() - min(created_at)), 0)::float8 AS oldest_seconds
FROM outbox
"""
IS_THERE = "SELECT to_regclass('outbox') IS NOT NULL AS is_there"
FIRST = """
SELECT position, event_id::text, topic, key, type, user_id, organization_id, request_id, created_at
FROM outbox ORDER BY position LIMIT 1
"""
TAKE = "DELETE FROM outbox WHERE position = %s RETURNING *, event_id::text AS event_id"
CONNECT_SECONDS = 5


@dataclass(frozen=True, slots=True)
class Outbox:
    """A service's outbox; `first` is the row that all others wait behind."""

    schema: str
    waiting: int
    oldest_seconds: float
    first: dict[str, Any] | None


def look(postgres: PostgresSettings, schema: str) -> Outbox | None:
    """None where the service publishes nothing. Raises psycopg.Error."""
    with connected(postgres, schema) as connection:
        if not has_outbox(connection):
            return None
        counted = connection.execute(COUNT).fetchone() or {}
        first = connection.execute(FIRST).fetchone()
    return Outbox(schema, counted["waiting"], counted["oldest_seconds"], first)


async def send(postgres: PostgresSettings, kafka: Kafka, schema: str, service: str) -> int:
    """Do the relay's work now: send all that waits, in order, beside the service's own relay. Raises KafkaAway, and
    Failed where a row is of a type that this release does not know.
    """
    sent = 0
    if look(postgres, schema) is None:
        return sent
    async with Database(postgres.app(schema)) as database:
        relay = Relay(database, kafka, service=service, schema=schema)
        try:
            while count := await relay.relay_batch():
                sent += count
        except KeyError as unknown:
            raise Failed(f"The first event in {schema}'s outbox is of no known type: {unknown}.") from None
    return sent


def drop(postgres: PostgresSettings, schema: str, position: int, show: Callable[[dict[str, Any]], None]) -> None:
    """Take one row out for good once it is shown: it stays where `show` raises. Raises Failed where there is none at
    that position.
    """
    with connected(postgres, schema) as connection:
        row = None if not has_outbox(connection) else connection.execute(TAKE, [position]).fetchone()
        if row is None:
            raise Failed(f"No event waits at position {position} of {schema}'s outbox.")
        show({**row, "payload": readable(row["type"], bytes(row["payload"]))})


def connected(postgres: PostgresSettings, schema: str) -> psycopg.Connection[dict[str, Any]]:
    """A connection whose one transaction sees the rows of every tenant."""
    connection = psycopg.connect(postgres.dsn(f"{schema}_app"), connect_timeout=CONNECT_SECONDS, row_factory=dict_row)
    connection.execute(ALL_TENANTS)
    return connection


def has_outbox(connection: psycopg.Connection[dict[str, Any]]) -> bool:
    found = connection.execute(IS_THERE).fetchone()
    return bool(found and found["is_there"])


def readable(kind: str, payload: bytes) -> Any:
    """The event's fields, or its bytes in hexadecimal where they are none of a known type."""
    try:
        return MessageToDict(GetMessageClass(Default().FindMessageTypeByName(kind)).FromString(payload))
    except (KeyError, ValueError, DecodeError):
        return payload.hex()


def as_json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, default=lambda one: f"{one:%FT%TZ}" if is_time(one) else str(one))


def is_time(value: Any) -> bool:
    return isinstance(value, datetime)
