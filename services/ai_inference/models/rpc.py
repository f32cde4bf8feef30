"""orrery.ai.v1.ModelsService."""

from orrery.ai.v1 import models_pb2_grpc as rpc

from libs.database import Database


class ModelsServicer(rpc.ModelsServiceServicer):
    """Proto in, one transaction, proto out."""

    def __init__(self, database: Database) -> None:
        self._database = database
