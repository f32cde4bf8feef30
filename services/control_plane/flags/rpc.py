"""orrery.control.v1.FlagsService."""

from orrery.control.v1 import flags_pb2_grpc as rpc

from libs.database import Database


class FlagsServicer(rpc.FlagsServiceServicer):
    """Proto in, one transaction, proto out."""

    def __init__(self, database: Database) -> None:
        self._database = database
