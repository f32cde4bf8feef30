"""orrery.audit.v1.AccessLogsService."""

import orjson
from orrery.audit.v1 import logs_pb2 as pb
from orrery.audit.v1 import logs_pb2_grpc as rpc
from orrery.types.v1.types_pb2 import RawJson

from libs.database import Database
from libs.rpc import caller
from libs.rpc.handlers import Context
from services.audit.access_log import operations
from services.audit.access_log.models import AccessLog
from services.audit.moments import rfc3339
from services.audit.reader import Reader

WARN, ERROR = 400, 500


class AccessLogsServicer(rpc.AccessLogsServiceServicer):
    def __init__(self, database: Database) -> None:
        self._database = database

    async def ListLogs(self, request: pb.ListLogsRequest, context: Context) -> pb.ListLogsResponse:
        reader = Reader.of(caller())
        async with self._database.transaction(caller()) as session:
            rows, pagination = await operations.page(session, reader, request.query)
        return pb.ListLogsResponse(items=[to_proto(row) for row in rows], pagination=pagination)


def to_proto(row: AccessLog) -> pb.LogEntry:
    return pb.LogEntry(
        id=str(row.log_id),
        timestamp=rfc3339(row.created_at),
        level="error" if row.status_code >= ERROR else "warn" if row.status_code >= WARN else "info",
        message=f"{row.method} {row.path} {row.status_code}",
        organization_id=str(row.organization_id) if row.organization_id else None,
        user_id=row.user_id,
        request_id=row.request_id,
        component=row.source,
        metadata=RawJson(json=orjson.dumps(metadata(row))),
    )


def metadata(row: AccessLog) -> dict[str, object]:
    return {
        "method": row.method,
        "path": row.path,
        "route": row.route,
        "statusCode": row.status_code,
        "responseTimeMs": row.response_time_ms,
        "ipAddress": str(row.ip_address) if row.ip_address else None,
        "userAgent": row.user_agent,
    }
