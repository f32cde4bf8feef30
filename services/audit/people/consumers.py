"""A person that auth has erased is forgotten in the logs too."""

from orrery.auth.privacy.v1.events_pb2 import AccountErased

from libs.database import Database, Session
from libs.inbox import Consumer
from libs.kafka import Kafka
from services.audit.people import repository

GROUP = "audit-erasure"


def erasure_consumer(database: Database, kafka: Kafka) -> Consumer:
    """Consumes the ends of accounts."""
    return Consumer(database, kafka, group=GROUP, handlers={AccountErased: account_erased})


async def account_erased(session: Session, event: AccountErased) -> None:
    await repository.forget(session, event.user_id)
