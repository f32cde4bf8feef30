"""Credentials that are no access token: API tokens and API keys. They are asked of auth, which keeps them.

An answer is kept for 30 s, a bad one for 5, and dropped at once when auth's events name what it stands on. A value
without the shape or the checksum of ours is refused without asking; of the others a bounded number is asked at a time.
"""

import asyncio
import time
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from google.protobuf.message import Message
from orrery.auth.v1 import credentials_pb2 as pb
from orrery.identity.v1.identity_pb2 import Credential, Identity

from gateway.identity.ended import Ended, names_of
from gateway.identity.guesses import Guesses
from gateway.identity.recent import Recent
from gateway.identity.refusals import CredentialMistyped, CredentialsAway, CredentialUnknown
from gateway.identity.terms import Terms, terms_of
from gateway.seams import Backend, Call
from libs.errors import Refusal
from libs.rpc import Passage, Signer
from libs.rpc.credentials import TOKEN, has_shape, hashed, is_mistyped
from libs.telemetry import get_logger

log = get_logger(__name__)
SERVICE = pb.DESCRIPTOR.services_by_name["CredentialsService"]
ASK_SECONDS = 2.0
KEEP_SECONDS, REFUSED_SECONDS = 30.0, 5.0
REMEMBERED = 10_000
AT_ONCE = 64
UNKNOWN = "unknown"
NOTED = (Credential.CREDENTIAL_API_KEY, Credential.CREDENTIAL_API_TOKEN)
SILENT_SECONDS = 60.0  # between two notes of the same refusal


class Holder(NamedTuple):
    """Whose a credential is; the identity is the taker's to change."""

    identity: Identity
    until: float  # Unix seconds
    terms: Terms | None = None


class Credentials(Protocol):
    """Finds out whose a credential is."""

    async def api_token(self, token: str, address: str) -> Holder:
        """The owner of a bearer that is no access token, shown from an address; raises a Refusal."""

    async def api_key(self, key: str, address: str) -> Holder:
        """The owner of an `X-API-Key`; raises a Refusal."""

    def note(self, identity: Identity, refusal: Refusal) -> None:
        """Let auth know that a token or key that is good was turned away; must not block."""


class NoCredentials:
    """Where nobody has issued any, each is unknown."""

    async def api_token(self, token: str, address: str) -> Holder:
        raise CredentialUnknown

    async def api_key(self, key: str, address: str) -> Holder:
        raise CredentialUnknown

    def note(self, identity: Identity, refusal: Refusal) -> None:
        """Nobody is to be told."""


@dataclass(frozen=True, slots=True)
class Entry:
    """An answer of auth; times in monotonic seconds but for `expires`."""

    answer: pb.Identified
    terms: Terms | None
    names: tuple[str, ...]
    asked: float
    expires: float  # Unix seconds

    @property
    def is_good(self) -> bool:
        return not self.answer.refusal

    def is_fresh(self, ended: Ended) -> bool:
        """Whether it may still be believed."""
        kept = KEEP_SECONDS if self.is_good else REFUSED_SECONDS
        return time.monotonic() - self.asked < kept and not ended.heard_since(self.names, self.asked)

    def holder(self) -> Holder:
        """Raises CredentialUnknown, which says the same of what never was, has ended, or may not act."""
        now = time.time()
        if not self.is_good or self.expires <= now:
            raise CredentialUnknown
        identity = Identity()
        identity.CopyFrom(self.answer.identity)
        fresh_until = now + KEEP_SECONDS - (time.monotonic() - self.asked)
        return Holder(identity, min(fresh_until, self.expires), self.terms)


class AskedCredentials:
    """Asks auth."""

    def __init__(self, auth: Backend, signer: Signer, ended: Ended) -> None:
        self._token, self._key, self._note = (
            auth.bind(SERVICE.methods_by_name[name], ASK_SECONDS)
            for name in ("IdentifyApiToken", "IdentifyApiKey", "NoteRefusal")
        )
        self._signer, self._ended = signer, ended
        self._known: Recent[bytes, Entry] = Recent(REMEMBERED)
        self._refused: Recent[bytes, Entry] = Recent(REMEMBERED)  # apart: bad values push no good ones out
        self._asking: dict[bytes, asyncio.Task[Entry | Refusal]] = {}
        self._room, self._guesses = asyncio.Semaphore(AT_ONCE), Guesses()
        self._noted: Recent[tuple[str, str], float] = Recent(REMEMBERED)
        self._telling: set[asyncio.Task[None]] = set()

    async def api_token(self, token: str, address: str) -> Holder:
        ensure_shape(token, is_token=True)
        return (await self._entry(self._token, hashed(token), address)).holder()

    async def api_key(self, key: str, address: str) -> Holder:
        ensure_shape(key, is_token=False)
        return (await self._entry(self._key, hashed(key), address)).holder()

    def note(self, identity: Identity, refusal: Refusal) -> None:
        named, now = (identity.credential_id, refusal.reason), time.monotonic()
        if identity.credential not in NOTED:
            return
        if now - (self._noted.get(named) or -SILENT_SECONDS) < SILENT_SECONDS:
            return
        self._noted.keep(named, now)
        told = pb.NoteRefusalRequest(reason=refusal.reason.lower(), address=identity.address)
        if identity.credential == Credential.CREDENTIAL_API_KEY:
            told.api_key_id = identity.credential_id
        else:
            told.api_token_id = int(identity.credential_id)
        telling = asyncio.create_task(self._tell(told))
        self._telling.add(telling)
        telling.add_done_callback(self._telling.discard)

    async def _tell(self, told: pb.NoteRefusalRequest) -> None:
        try:
            await self._note(told, self._passage())
        except Refusal as refusal:
            log.warning("refusal_not_noted", reason=told.reason, because=refusal.reason)

    async def _entry(self, call: Call, hash: bytes, address: str) -> Entry:  # noqa: A002  # the request's own name
        for kept in (self._known, self._refused):
            found = kept.get(hash)
            if found and found.is_fresh(self._ended):
                return found
        self._guesses.ensure_few(address)
        if hash not in self._asking:
            self._asking[hash] = asyncio.create_task(self._ask(call, hash, address))
        asked = await asyncio.shield(self._asking[hash])
        if isinstance(asked, Refusal):
            raise CredentialsAway
        return asked if asked.is_fresh(self._ended) else await self._entry(call, hash, address)

    async def _ask(self, call: Call, hash: bytes, address: str) -> Entry | Refusal:  # noqa: A002  # as above
        """Never raises: who asked first may be gone."""
        try:
            async with self._room:
                asked = time.monotonic()
                answer = await call(pb.IdentifyRequest(hash=hash, address=address), self._passage())
        except Refusal as refusal:
            log.warning("credential_not_identified", reason=refusal.reason)
            return refusal
        finally:
            del self._asking[hash]
        entry = entry_of(answer, asked)
        (self._known if entry.is_good else self._refused).keep(hash, entry)
        if entry.answer.refusal == UNKNOWN:
            self._guesses.missed(address)
        return entry

    def _passage(self) -> Passage:
        return Passage(self._signer.sign(Identity(subject="gateway", credential=Credential.CREDENTIAL_SERVICE)))


def ensure_shape(value: str, *, is_token: bool) -> None:
    """Raise CredentialUnknown for what looks like none of ours, CredentialMistyped where its checksum is wrong."""
    if not has_shape(value) or value.startswith(TOKEN) is not is_token:
        raise CredentialUnknown
    if is_mistyped(value):
        raise CredentialMistyped


def entry_of(answer: Message, asked: float) -> Entry:
    assert isinstance(answer, pb.Identified)  # noqa: S101  # the call is bound to a method that answers these
    expires = answer.expires_at_ms / 1000 if answer.expires_at_ms else float("inf")
    if answer.refusal:
        return Entry(answer, None, (), asked, expires)
    return Entry(answer, terms_of(answer), names_of(answer.identity), asked, expires)
