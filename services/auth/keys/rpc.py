"""orrery.auth.v1.KeysService."""

from orrery.auth.v1 import sessions_pb2 as pb
from orrery.auth.v1 import sessions_pb2_grpc as rpc

from libs.rpc.handlers import Context
from services.auth.keys.keyring import Keyring


class KeysServicer(rpc.KeysServiceServicer):
    def __init__(self, keyring: Keyring) -> None:
        self._keyring = keyring

    async def ListKeys(self, request: pb.ListKeysRequest, context: Context) -> pb.KeySet:
        return pb.KeySet(keys=[pb.Key(**jwk) for jwk in self._keyring.published()])
