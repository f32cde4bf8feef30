"""The outbox table and the one way into it."""

import uuid
from datetime import datetime

from google.protobuf.message import Message
from sqlalchemy import BigInteger, func
from sqlalchemy.orm import Mapped, mapped_column

from libs.database import Model, Session
from libs.database.tenant import Caller
from libs.rpc import caller, request_id
from libs.telemetry import traceparent

CHANNEL = "outbox"
MOST_BYTES = 128 * 1024  # six times as much in JSON at worst, which still fits a broker's 1 MiB

# For a service's first migration. The trigger wakes the relay of this schema when a transaction commits.
DDL = """
CREATE TABLE outbox (
    position BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    event_id UUID NOT NULL,
    topic TEXT NOT NULL,
    key TEXT NOT NULL,
    type TEXT NOT NULL,
    payload BYTEA NOT NULL,
    user_id BIGINT NOT NULL,
    organization_id TEXT NOT NULL,
    request_id TEXT NOT NULL,
    traceparent TEXT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL DEFAULT now()
);
CREATE FUNCTION wake_relay() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('outbox_' || TG_TABLE_SCHEMA, '');
    RETURN NULL;
END $$;
CREATE TRIGGER wake_relay AFTER INSERT ON outbox FOR EACH STATEMENT EXECUTE FUNCTION wake_relay();
"""

# For the migration after that: where the cause came from, so that the audit log can say it.
ADDRESS_DDL = "ALTER TABLE outbox ADD COLUMN address TEXT NOT NULL DEFAULT ''"


class OutboxRow(Model):
    """An event on its way; deleted when Kafka has it."""

    __tablename__ = "outbox"

    position: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    event_id: Mapped[uuid.UUID]
    topic: Mapped[str]
    key: Mapped[str]
    type: Mapped[str]
    payload: Mapped[bytes]
    user_id: Mapped[int] = mapped_column(BigInteger)
    organization_id: Mapped[str]
    request_id: Mapped[str]
    traceparent: Mapped[str]
    address: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())


def publish(session: Session, event: Message, *, key: str, by: Caller | None = None) -> None:
    """Stage an event; it reaches Kafka if, and only if, the transaction commits.

    `key` is the aggregate's id: events of one key arrive in the order they were staged. `by` names who did it where
    that is not the call's own caller (somebody who has just registered). Raises ValueError for an event of over
    128 KiB: Kafka would never take it, and all later events would wait behind it.
    """
    actor = by or caller()
    payload = event.SerializeToString()
    if len(payload) > MOST_BYTES:
        raise ValueError(f"{event.DESCRIPTOR.full_name} of {len(payload)} bytes is too large for an event")
    session.add(
        OutboxRow(
            event_id=uuid.uuid4(),
            topic=event.DESCRIPTOR.file.package,
            key=key,
            type=event.DESCRIPTOR.full_name,
            payload=payload,
            user_id=actor.user_id,
            organization_id=actor.organization_id,
            request_id=request_id(),
            traceparent=traceparent() or "",
            address=present_address(),
        )
    )


def present_address() -> str:
    """The network address of whoever is served now; empty where the clock or an event is the cause."""
    try:
        return caller().address
    except LookupError:
        return ""
