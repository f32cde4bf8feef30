"""Every SELECT of the audit log."""

from orrery.types.v1.types_pb2 import ListQuery, Pagination
from sqlalchemy import select

from libs.database import Listing, Session
from services.audit.audit_log.models import AuditLog
from services.audit.reader import Reader

LISTING = Listing(
    columns={
        "logId": AuditLog.log_id,
        "action": AuditLog.action,
        "targetEntity": AuditLog.target_entity,
        "targetId": AuditLog.target_id,
        "userId": AuditLog.user_id,
        "requestId": AuditLog.request_id,
        "address": AuditLog.address,
        "createdAt": AuditLog.created_at,
    },
    sortable=("createdAt",),
    order="-createdAt",
    key="logId",
)


class AuditLogs:
    """The rows that one reader may see."""

    def __init__(self, session: Session, reader: Reader) -> None:
        self._session, self._reader = session, reader

    async def page(self, query: ListQuery) -> tuple[list[AuditLog], Pagination]:
        visible = select(AuditLog).where(*self._reader.limits(AuditLog.organization_id, AuditLog.user_id))
        return await LISTING.page(self._session, visible, query)
