"""What can be done with the audit log."""

from orrery.types.v1.types_pb2 import ListQuery, Pagination

from libs.database import Session
from services.audit.audit_log.models import AuditLog
from services.audit.audit_log.repository import AuditLogs
from services.audit.reader import Reader


def record(session: Session, entry: AuditLog) -> None:
    """Keep an entry for good."""
    session.add(entry)


async def page(session: Session, reader: Reader, query: ListQuery) -> tuple[list[AuditLog], Pagination]:
    """A page of what the reader may see."""
    return await AuditLogs(session, reader).page(query)
