"""The prices of domain-data."""

from orrery.domain.v1 import prices_pb2

from gateway.bridge.names import CAMEL
from gateway.families import RESOURCE
from gateway.router import RpcRouter

SERVICES = prices_pb2.DESCRIPTOR.services_by_name

prices = RpcRouter(
    SERVICES["PricesService"], prefix="/api/v1/prices", family=RESOURCE, names=CAMEL, backend="domain_data"
)

ROUTERS = (prices,)
