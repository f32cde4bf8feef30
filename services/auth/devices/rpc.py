"""orrery.auth.v1.DevicesService."""

from uuid import UUID

from orrery.auth.v1 import devices_pb2 as pb
from orrery.auth.v1 import devices_pb2_grpc as rpc

from libs.database import SYSTEM, Database
from libs.rpc import caller
from libs.rpc.handlers import Context
from services.auth.devices import answers, operations, repository
from services.auth.devices.errors import SessionNotFound
from services.auth.devices.repository import Devices


class DevicesServicer(rpc.DevicesServiceServicer):
    def __init__(self, database: Database) -> None:
        self._database = database

    async def ListSessions(self, request: pb.ListSessionsRequest, context: Context) -> pb.ListSessionsResponse:
        async with self._database.transaction(caller()) as session:
            rows, pagination = await Devices(session, caller().user_id).page(request.query)
        return pb.ListSessionsResponse(items=[answers.session(row, caller()) for row in rows], pagination=pagination)

    async def RevokeSession(self, request: pb.RevokeSessionRequest, context: Context) -> pb.RevokeSessionResponse:
        async with self._database.transaction(caller()) as session:
            await operations.revoke(session, caller(), identified(request.session_id))
        return pb.RevokeSessionResponse()

    async def RevokeOtherSessions(
        self, request: pb.RevokeOtherSessionsRequest, context: Context
    ) -> pb.RevokeOtherSessionsResponse:
        async with self._database.transaction(caller()) as session:
            return pb.RevokeOtherSessionsResponse(revoked=await operations.revoke_others(session, caller()))

    async def NoteSeen(self, request: pb.NoteSeenRequest, context: Context) -> pb.NoteSeenResponse:
        ids = [UUID(one) for one in request.session_ids]
        async with self._database.transaction(SYSTEM) as session:
            await repository.note_seen(session, ids)
        return pb.NoteSeenResponse()


def identified(text: str) -> UUID:
    """Raises SessionNotFound for what is no id."""
    try:
        return UUID(text)
    except ValueError:
        raise SessionNotFound from None
