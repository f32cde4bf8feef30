"""orrery.privacy.v1.PersonalDataService, as the logs answer it."""

from collections.abc import AsyncIterator

from orrery.privacy.v1 import personal_data_pb2 as pb
from orrery.privacy.v1 import personal_data_pb2_grpc as rpc

from libs.database import Database
from libs.rpc.handlers import Context
from services.audit.people import repository


class PersonalDataServicer(rpc.PersonalDataServiceServicer):
    def __init__(self, database: Database) -> None:
        self._database = database

    async def ExportPerson(self, request: pb.ExportPersonRequest, context: Context) -> AsyncIterator[pb.PersonalData]:
        """What the person did, and their requests."""
        for log in repository.ROWS:
            async for rows in repository.rows(self._database, log, request.user_id):
                for row in rows:
                    yield pb.PersonalData(kind=log, lines=row.encode() + b"\n")
