"""What was done, and what was asked."""

from orrery.audit.v1 import logs_pb2

from gateway.bridge.names import CAMEL
from gateway.families import RESOURCE
from gateway.router import RpcRouter

SERVICES = logs_pb2.DESCRIPTOR.services_by_name

audit_logs = RpcRouter(
    SERVICES["AuditLogsService"], prefix="/api/v1/audit-logs", family=RESOURCE, names=CAMEL, backend="audit"
)
audit_logs.rpc("GET", "", "ListAuditLogs", id="audit_logs_list")

logs = RpcRouter(SERVICES["AccessLogsService"], prefix="/api/v1/logs", family=RESOURCE, names=CAMEL, backend="audit")
logs.rpc("GET", "", "ListLogs", id="logs_list")

ROUTERS = (audit_logs, logs)
