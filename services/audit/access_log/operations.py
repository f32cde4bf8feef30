"""What can be done with the access log."""

from orrery.types.v1.types_pb2 import ListQuery, Pagination

from libs.database import Session
from services.audit.access_log.models import AccessLog
from services.audit.access_log.repository import AccessLogs, insert
from services.audit.reader import Reader


async def record(session: Session, source: str, requests: str) -> None:
    """Keep the requests (a JSON array) that `source` served."""
    await insert(session, source, requests)


async def page(session: Session, reader: Reader, query: ListQuery) -> tuple[list[AccessLog], Pagination]:
    """A page of what the reader may see."""
    return await AccessLogs(session, reader).page(query)
