"""Every event of the fleet becomes a row of the audit log."""

from uuid import UUID

from libs.database import Database, Session
from libs.inbox import Consumer, Delivery
from libs.kafka import Kafka
from services.audit.audit_log import operations
from services.audit.audit_log.events import audited_topics, details, kind_of, meaning, target_id
from services.audit.audit_log.models import AuditLog

GROUP = "audit-log"


class NoEvent(ValueError):
    """A message whose proto does not say what it means to people; its record ends among the dead letters."""


def audit_log_consumer(database: Database, kafka: Kafka) -> Consumer:
    """Consumes all topics that carry events."""
    return Consumer(database, kafka, group=GROUP, handlers={}, everything=record, topics=audited_topics())


async def record(session: Session, delivery: Delivery) -> None:
    """Write the event's row; raises NoEvent."""
    operations.record(session, to_row(delivery))


def to_row(delivery: Delivery) -> AuditLog:
    envelope, option = delivery.envelope, meaning(kind_of(delivery.event))
    if not option.name:
        raise NoEvent(f"{envelope.type} carries no option orrery.options.v1.event")
    return AuditLog(
        user_id=envelope.user_id or None,
        action=option.name,
        target_entity=option.entity or None,
        target_id=target_id(delivery.event),
        details=details(delivery.event),
        created_at=envelope.time,
        organization_id=UUID(envelope.organization_id) if envelope.organization_id else None,
        request_id=envelope.request_id,
        source=envelope.source,
        event_id=UUID(envelope.id),
        address=envelope.address,
    )
