"""The access log: what was asked and answered, for the audit service."""

from gateway.accesslog.log import AccessLog as AccessLog
from gateway.accesslog.spool import Spool as Spool
