"""From a request's headers to the signed identity that its calls carry.

What was found is kept for 30 s per (credential, address, user agent): a hot caller costs two look-ups, no signature
(50 µs) and no verification (60 µs). An entry ends at once when its session is revoked or its key withdrawn.
"""

import time
from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

from orrery.identity.v1.identity_pb2 import Credential, Identity
from orrery.options.v1.options_pb2 import Access, Caller
from prometheus_client import Counter

from gateway.identity.address import Proxies
from gateway.identity.credentials import Credentials
from gateway.identity.ended import names_of
from gateway.identity.recent import Recent
from gateway.identity.refusals import CredentialMalformed
from gateway.identity.shape import looks_like_jwt
from gateway.identity.tokens import Claims, Tokens, Verified
from libs.errors import Unauthenticated, Unavailable
from libs.rpc import Signer
from libs.rpc.access import check

REMEMBERED = 10_000
KEEP_SECONDS = 30.0
LONGEST_AGENT = 512
ONCE = frozenset((b"authorization", b"x-api-key"))
READ = ONCE | {b"user-agent", b"x-forwarded-for"}
REFUSED = Counter("orrery_credentials_refused_total", "Credentials turned away, by reason.", ["reason"])


class Shown(NamedTuple):
    """What a request shows of its caller, as sent."""

    bearer: bytes
    api_key: bytes
    user_agent: bytes
    address: str


@dataclass(frozen=True, slots=True)
class Admission:
    """Who calls, and the same signed for the services; to be used at once."""

    identity: Identity
    signed: bytes
    until: float  # Unix seconds
    proof: Verified | None = None  # of an access token
    names: tuple[str, ...] = ()  # what another credential stands on
    asked: float = 0.0  # when auth was asked for that, monotonic seconds


class Authenticator:
    """Finds out who calls."""

    def __init__(self, tokens: Tokens, credentials: Credentials, signer: Signer, proxies: Proxies) -> None:
        self._tokens, self._credentials, self._ended = tokens, credentials, tokens.ended
        self._signer, self._proxies = signer, proxies
        self._admitted: Recent[Shown, Admission] = Recent(REMEMBERED)

    async def admit(self, peer: str, headers: Iterable[tuple[bytes, bytes]], access: Access) -> Admission:
        """The caller of a request (ASGI's headers, lower-case) to an RPC; raises the refusal that it gets.

        Where anyone may call, a credential that is no good is the same as none: whoever renews an expired token sends
        it along more often than not.
        """
        shown = self._shown(peer, headers)
        try:
            admission = await self._known(shown)
        except (Unauthenticated, Unavailable) as refusal:
            REFUSED.labels(refusal.reason).inc()
            if access.caller != Caller.CALLER_ANYONE:
                raise
            admission = await self._known(shown._replace(bearer=b"", api_key=b""))
        check(access, admission.identity)
        return admission

    async def _known(self, shown: Shown) -> Admission:
        found = self._admitted.get(shown)
        now = time.time()
        if found and found.until > now and self._holds(found, now):
            return found
        admission = await self._find(shown)
        self._admitted.keep(shown, admission)
        return admission

    def _holds(self, found: Admission, now: float) -> bool:
        if found.proof:
            return self._tokens.holds(found.proof, now)
        return not found.names or not self._ended.heard_since(found.names, found.asked)

    async def _find(self, shown: Shown) -> Admission:
        proof: Verified | None = None
        asked = time.monotonic()
        if shown.bearer:
            token = shown.bearer.decode("latin-1")
            if looks_like_jwt(token):
                proof = await self._tokens.verify(token)
                identity = of_session(proof.claims)
            else:
                identity = await self._credentials.api_token(token)
        elif shown.api_key:
            identity = await self._credentials.api_key(shown.api_key.decode("latin-1"))
        else:
            identity = Identity()
        identity.address = shown.address
        identity.user_agent = shown.user_agent.decode("latin-1")
        names = names_of(identity) if identity.user_id and proof is None else ()
        return Admission(identity, self._signer.sign(identity), time.time() + KEEP_SECONDS, proof, names, asked)

    def _shown(self, peer: str, headers: Iterable[tuple[bytes, bytes]]) -> Shown:
        found: dict[bytes, bytes] = {}
        for name, value in headers:
            if name in READ:
                if name in found:
                    if name in ONCE:
                        raise CredentialMalformed
                    value = found[name] + b"," + value  # noqa: PLW2901  # a list in several headers
                found[name] = value
        authorization, api_key = found.get(b"authorization", b""), found.get(b"x-api-key", b"")
        if authorization and api_key:
            raise CredentialMalformed
        address = self._proxies.address(peer, found.get(b"x-forwarded-for", b""))
        agent = found.get(b"user-agent", b"")[:LONGEST_AGENT]
        return Shown(bearer(authorization) if authorization else b"", api_key, agent, address)


def bearer(authorization: bytes) -> bytes:
    """The token of an Authorization header; raises CredentialMalformed for another scheme."""
    scheme, _, token = authorization.partition(b" ")
    token = token.lstrip(b" ")
    if scheme.lower() != b"bearer" or not token or b" " in token:
        raise CredentialMalformed
    return token


def of_session(claims: Claims) -> Identity:
    """The identity that an access token's claims stand for."""
    return Identity(
        subject=claims.sub,
        user_id=claims.uid,
        organization_id=claims.org,
        roles=claims.roles,
        scopes=claims.scope.split(),
        session_id=claims.sid,
        credential=Credential.CREDENTIAL_SESSION,
        is_admin=claims.adm,
    )
