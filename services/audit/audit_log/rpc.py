"""orrery.audit.v1.AuditLogsService."""

import json

from orrery.audit.v1 import logs_pb2 as pb
from orrery.audit.v1 import logs_pb2_grpc as rpc
from orrery.types.v1.types_pb2 import RawJson

from libs.database import Database
from libs.rpc import caller
from libs.rpc.handlers import Context
from services.audit.audit_log import operations
from services.audit.audit_log.models import AuditLog
from services.audit.moments import rfc3339
from services.audit.reader import Reader


class AuditLogsServicer(rpc.AuditLogsServiceServicer):
    def __init__(self, database: Database) -> None:
        self._database = database

    async def ListAuditLogs(self, request: pb.ListAuditLogsRequest, context: Context) -> pb.ListAuditLogsResponse:
        reader = Reader.of(caller())
        async with self._database.transaction(caller()) as session:
            rows, pagination = await operations.page(session, reader, request.query)
        return pb.ListAuditLogsResponse(items=[to_proto(row) for row in rows], pagination=pagination)


def to_proto(row: AuditLog) -> pb.AuditLog:
    return pb.AuditLog(
        log_id=row.log_id,
        user_id=row.user_id,
        action=row.action,
        target_entity=row.target_entity or "",
        target_id=row.target_id,
        details=RawJson(json=to_json(row.details)),
        request_id=row.request_id,
        address=row.address,
        source=row.source,
        created_at=rfc3339(row.created_at),
    )


def to_json(details: dict[str, object] | None) -> bytes:
    """The stored document; json and not orjson, which refuses integers over 64 bits that jsonb keeps."""
    return json.dumps(details, ensure_ascii=False, separators=(",", ":")).encode()
