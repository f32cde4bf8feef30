"""orrery.privacy.v1.PersonalDataService, as media answers it."""

from collections.abc import AsyncIterator
from datetime import timedelta

import orjson
from orrery.privacy.v1 import personal_data_pb2 as pb
from orrery.privacy.v1 import personal_data_pb2_grpc as rpc

from libs.blobs import Blobs
from libs.database import Database
from libs.rpc.handlers import Context
from services.media.people import repository

LINK = timedelta(days=7)  # as long as the archive that it is written into; the longest that S3 signs
MOST_BYTES = 512 * 1024


class PersonalDataServicer(rpc.PersonalDataServiceServicer):
    def __init__(self, database: Database, blobs: Blobs) -> None:
        self._database, self._blobs = database, blobs

    async def ExportPerson(self, request: pb.ExportPersonRequest, context: Context) -> AsyncIterator[pb.PersonalData]:
        """The person's videos with a link to each file, then what was made of them."""
        ids: list[int] = []
        async for video_id, key, row in repository.videos(self._database, request.user_id):
            ids.append(video_id)
            linked = {**row, "download_url": self._blobs.presign_get(key, LINK)}
            yield pb.PersonalData(kind="videos", lines=orjson.dumps(linked) + b"\n")
        for kind in repository.PARTS:
            for start in range(0, len(ids), repository.BATCH):
                rows = await repository.parts(self._database, kind, ids[start : start + repository.BATCH])
                for lines in portions(rows):
                    yield pb.PersonalData(kind=kind, lines=lines)


def portions(rows: list[str]) -> list[bytes]:
    """The rows as lines, in portions that fit a message."""
    made: list[bytes] = [b""]
    for row in rows:
        line = row.encode() + b"\n"
        if made[-1] and len(made[-1]) + len(line) > MOST_BYTES:
            made.append(b"")
        made[-1] += line
    return [one for one in made if one]
