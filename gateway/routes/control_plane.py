"""The flags of control-plane."""

from orrery.control.v1 import flags_pb2

from gateway.bridge.names import CAMEL
from gateway.families import RESOURCE
from gateway.router import RpcRouter

SERVICES = flags_pb2.DESCRIPTOR.services_by_name

flags = RpcRouter(
    SERVICES["FlagsService"], prefix="/api/v1/flags", family=RESOURCE, names=CAMEL, backend="control_plane"
)

ROUTERS = (flags,)
