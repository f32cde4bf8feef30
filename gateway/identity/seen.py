"""Which sessions are in use, told to auth once a minute: people shall see when their devices were used last.

What is lost with this process, or while auth is away, makes a "last seen" older by a while and nothing else.
"""

import asyncio
import itertools

from orrery.auth.v1 import devices_pb2 as pb
from orrery.identity.v1.identity_pb2 import Credential, Identity

from gateway.seams import Backend
from libs.errors import Refusal
from libs.rpc import Passage, Signer
from libs.telemetry import get_logger

log = get_logger(__name__)
NOTE_SEEN = pb.DESCRIPTOR.services_by_name["DevicesService"].methods_by_name["NoteSeen"]
TELL_SECONDS = 5.0
EVERY_SECONDS = 60.0
MOST, BATCH = 100_000, 1_000  # sessions in a minute; more are not noted


class Seen:
    """The sessions of the last minute; noting one costs nothing to speak of."""

    def __init__(self, auth: Backend, signer: Signer) -> None:
        self._tell, self._signer = auth.bind(NOTE_SEEN, TELL_SECONDS), signer
        self._sessions: set[str] = set()

    def note(self, session_id: str) -> None:
        if len(self._sessions) < MOST:
            self._sessions.add(session_id)

    async def run(self) -> None:
        """Tell every minute until cancelled."""
        while True:
            await asyncio.sleep(EVERY_SECONDS)
            await self.tell()

    async def tell(self) -> None:
        """Tell what was seen since the last time; where auth is away it is forgotten."""
        seen, self._sessions = self._sessions, set()
        waiting = iter(seen)
        try:
            while batch := list(itertools.islice(waiting, BATCH)):
                await self._tell(pb.NoteSeenRequest(session_ids=batch), self._passage())
        except Refusal as refusal:
            log.warning("sessions_not_noted", because=refusal.reason, sessions=len(seen))

    def _passage(self) -> Passage:
        return Passage(self._signer.sign(Identity(subject="gateway", credential=Credential.CREDENTIAL_SERVICE)))
