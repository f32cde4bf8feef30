"""The models of ai-inference."""

from orrery.ai.v1 import models_pb2

from gateway.bridge.names import CAMEL
from gateway.families import RESOURCE
from gateway.router import RpcRouter

SERVICES = models_pb2.DESCRIPTOR.services_by_name

models = RpcRouter(
    SERVICES["ModelsService"], prefix="/api/v1/models", family=RESOURCE, names=CAMEL, backend="ai_inference"
)

ROUTERS = (models,)
