"""orrery.auth.v1.PrivacyService."""

from datetime import timedelta
from uuid import UUID

from orrery.auth.v1 import privacy_pb2 as pb
from orrery.auth.v1 import privacy_pb2_grpc as rpc

from libs.blobs import Blobs
from libs.database import SYSTEM, Database
from libs.rpc import caller
from libs.rpc.handlers import Context
from services.auth.moments import rfc3339
from services.auth.privacy import operations
from services.auth.privacy.models import ExportState, PersonalExport
from services.auth.privacy.operations import Asker
from services.auth.privacy.tasks import export_key

LINK = timedelta(hours=1)


class PrivacyServicer(rpc.PrivacyServiceServicer):
    def __init__(self, database: Database, blobs: Blobs, grace: timedelta) -> None:
        self._database, self._blobs, self._grace = database, blobs, grace

    async def DeleteMe(self, request: pb.DeleteMeRequest, context: Context) -> pb.Deletion:
        asker = Asker(caller().user_id, UUID(caller().session_id))
        async with self._database.transaction(SYSTEM) as session:
            erases_at = await operations.schedule_erasure(session, asker, self._grace)
        return pb.Deletion(status="scheduled", erases_at=rfc3339(erases_at))

    async def RestoreAccount(self, request: pb.RestoreAccountRequest, context: Context) -> pb.RestoreAccountResponse:
        async with self._database.transaction(SYSTEM) as session:
            await operations.restore(session, request.token)
        return pb.RestoreAccountResponse(success=True)

    async def RequestExport(self, request: pb.RequestExportRequest, context: Context) -> pb.PersonalExport:
        async with self._database.transaction(caller()) as session:
            return self._shown(await operations.request_export(session, caller().user_id))

    async def GetExport(self, request: pb.GetExportRequest, context: Context) -> pb.PersonalExport:
        async with self._database.transaction(caller()) as session:
            export = await operations.export_of(session, caller().user_id, UUID(request.export_id))
        return self._shown(export)

    def _shown(self, one: PersonalExport) -> pb.PersonalExport:
        shown = pb.PersonalExport(id=str(one.id), status=one.state, created_at=rfc3339(one.requested_at))
        if one.state == ExportState.READY and one.size_bytes and one.expires_at:
            shown.download_url = self._blobs.presign_get(export_key(one.user_id, one.id), LINK)
            shown.size, shown.expires_at = one.size_bytes, rfc3339(one.expires_at)
        return shown
