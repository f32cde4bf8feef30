"""Access tokens of other issuers that auth trusts: it is asked whose they are, and told so for half a minute.

A token is sent to auth where its `iss` is on auth's own list; all others are refused here without a call.
"""

import asyncio
import time
from typing import NamedTuple

from orrery.auth.v1 import sso_pb2 as pb
from orrery.identity.v1.identity_pb2 import Credential, Identity

from gateway.identity.recent import Recent
from gateway.identity.refusals import TokenRefused
from gateway.identity.shape import members
from gateway.seams import Backend
from libs.errors import Forbidden, Refusal, Unauthenticated
from libs.rpc import Passage, Signer
from libs.telemetry import get_logger

log = get_logger(__name__)
SERVICE = pb.DESCRIPTOR.services_by_name["SsoService"]
IDENTIFY_SECONDS = 8.0  # the issuer may have to be asked for a new key
LIST_SECONDS = 2.0
REFRESH_SECONDS = 30.0
ASK_AGAIN_SECONDS = 2.0
LONGEST = 16 * 1024  # bytes; issuers write all groups into their tokens
REMEMBERED = 10_000
REFUSED_SECONDS = 5.0  # the same bad token costs auth one call in this time


class Key(NamedTuple):
    """A token where it was shown: an organization may refuse it from some places."""

    token: str
    address: str
    is_secure: bool


class Told(NamedTuple):
    """A refusal that was had for a token."""

    refusal: Refusal
    until: float  # monotonic seconds


class Issuers:
    """Believes auth about the tokens of other issuers."""

    def __init__(self, auth: Backend, signer: Signer) -> None:
        self._list = auth.bind(SERVICE.methods_by_name["ListTrustedIssuers"], LIST_SECONDS)
        self._identify = auth.bind(SERVICE.methods_by_name["IdentifyBearer"], IDENTIFY_SECONDS)
        self._signer = signer
        self.trusted: frozenset[str] = frozenset()
        self._refused: Recent[Key, Told] = Recent(REMEMBERED)

    async def run(self) -> None:
        """Keep the list; while auth is away the last one stays. Runs until cancelled."""
        while True:
            has_answered = await self.refresh()
            await asyncio.sleep(REFRESH_SECONDS if has_answered else ASK_AGAIN_SECONDS)

    async def refresh(self) -> bool:
        """Whether auth has answered."""
        try:
            answer = await self._list(pb.ListTrustedIssuersRequest(), self._passage())
        except Refusal as refusal:
            log.warning("issuers_not_fetched", reason=refusal.reason)
            return False
        assert isinstance(answer, pb.TrustedIssuers)  # noqa: S101  # the call is bound to this method
        if self.trusted != frozenset(answer.issuers):
            self.trusted = frozenset(answer.issuers)
            log.info("issuers_changed", issuers=sorted(self.trusted))
        return True

    def made(self, token: str) -> bool:
        """Whether a JWT says that a trusted issuer made it; nothing of it is verified yet."""
        if not self.trusted or len(token) > LONGEST:
            return False
        try:
            issuer = members(token.split(".")[1]).get("iss")
        except TokenRefused:
            return False
        return isinstance(issuer, str) and issuer in self.trusted

    async def identify(self, token: str, place: Identity) -> tuple[Identity, float]:
        """Whose the token is, and until when (Unix seconds); raises auth's refusal.

        `place` says where it is shown: address, user agent, whether by HTTPS.
        """
        key = Key(token, place.address, place.is_secure)
        told = self._refused.get(key)
        if told and told.until > time.monotonic():
            raise told.refusal
        try:
            answer = await self._identify(pb.IdentifyBearerRequest(token=token), self._passage(place))
        except (Unauthenticated, Forbidden) as refusal:
            self._refused.keep(key, Told(refusal, time.monotonic() + REFUSED_SECONDS))
            raise
        assert isinstance(answer, pb.IdentifiedBearer)  # noqa: S101  # the call is bound to this method
        return answer.identity, float(answer.token_expires_at)

    def _passage(self, place: Identity | None = None) -> Passage:
        gateway = Identity(subject="gateway", credential=Credential.CREDENTIAL_SERVICE)
        if place:
            gateway.MergeFrom(place)
        return Passage(self._signer.sign(gateway))
