"""Archives of people's data: a ZIP of one file of JSON lines for each kind of thing, gathered from every service."""

import zipfile
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Protocol

from orrery.identity.v1.identity_pb2 import Credential, Identity
from orrery.privacy.v1 import personal_data_pb2 as pb

from libs.rpc import Client, Passage, Signer

EXPORT_PERSON = pb.DESCRIPTOR.services_by_name["PersonalDataService"].methods_by_name["ExportPerson"]
CALL_SECONDS = 120.0
README = """This archive holds what this server keeps of you: one folder for each of its parts, one file for each kind
of thing, one JSON object a line. Times are RFC 3339. Links to files in it are good for seven days.
"""


class Source(Protocol):
    """Where some of a person's data is."""

    def rows(self, user_id: int) -> AsyncIterator[tuple[str, bytes]]:
        """(kind, JSON lines), the lines of one kind in any number of parts."""


class RemoteSource:
    """A service that keeps data of people, asked in auth's own name."""

    def __init__(self, client: Client, signer: Signer) -> None:
        self._call, self._signer = client.bind(EXPORT_PERSON, CALL_SECONDS), signer

    async def rows(self, user_id: int) -> AsyncIterator[tuple[str, bytes]]:
        """Raises the refusal of the call, of a service that is away too."""
        identity = Identity(subject="auth-worker", credential=Credential.CREDENTIAL_SERVICE)
        passage = Passage(self._signer.sign(identity))
        async for part in self._call.stream(pb.ExportPersonRequest(user_id=user_id), passage):
            if isinstance(part, pb.PersonalData):
                yield part.kind, part.lines


async def write(target: Path, sources: Mapping[str, Source], user_id: int) -> int:
    """Write the archive of all sources, by the names of their folders; answers its size in bytes.

    Raises what a source raises: an archive without one of them would look complete.
    """
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("README.txt", README)
        for folder, source in sources.items():
            await gather(archive, folder, source, user_id)
    return size_of(target)


def size_of(file: Path) -> int:
    return file.stat().st_size


async def gather(archive: zipfile.ZipFile, folder: str, source: Source, user_id: int) -> None:
    """One file a kind; the parts of a kind come one after the other."""
    last, entry = "", None
    try:
        async for kind, lines in source.rows(user_id):
            if kind != last:
                if entry:
                    entry.close()
                last, entry = kind, archive.open(f"{folder}/{kind}.jsonl", "w")
            if entry:
                entry.write(lines)
    finally:
        if entry:
            entry.close()
