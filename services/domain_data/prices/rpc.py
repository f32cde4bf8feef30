"""orrery.domain.v1.PricesService."""

from orrery.domain.v1 import prices_pb2_grpc as rpc

from libs.database import Database


class PricesServicer(rpc.PricesServiceServicer):
    """Proto in, one transaction, proto out."""

    def __init__(self, database: Database) -> None:
        self._database = database
