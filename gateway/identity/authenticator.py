"""From a request's headers to the signed identity that its calls carry.

What was found is kept for 30 s per (credential, address, user agent): a hot caller costs two look-ups, no signature
(50 µs) and no verification (60 µs). An entry ends at once when its session is revoked or its key withdrawn.
"""

import re
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import NamedTuple

from orrery.identity.v1.identity_pb2 import Credential, Identity
from orrery.options.v1.options_pb2 import Access, Caller
from prometheus_client import Counter

from gateway.identity.address import Proxies
from gateway.identity.credentials import Credentials, Holder
from gateway.identity.ended import names_of
from gateway.identity.issuers import Issuers
from gateway.identity.recent import Recent
from gateway.identity.refusals import (
    AddressRefused,
    CredentialMalformed,
    HttpsRequired,
    OriginRefused,
    SignatureMissing,
)
from gateway.identity.shape import looks_like_jwt
from gateway.identity.terms import Terms
from gateway.identity.tokens import Claims, Tokens, Verified
from libs.errors import Forbidden, Unauthenticated, Unavailable
from libs.rpc import Signer
from libs.rpc.access import check
from libs.rpc.packed import unpack
from libs.rpc.scopes import EVERY_SCOPE

REMEMBERED = 10_000
KEEP_SECONDS = 30.0
LONGEST_AGENT = 512
ONCE = frozenset((b"authorization", b"x-api-key"))
READ = ONCE | {b"user-agent", b"x-forwarded-for", b"x-forwarded-proto", b"origin"}
BASIC = re.compile(rb"(?i)(basic|digest|negotiate) +[^ ]")  # what proxies and browsers send along
REFUSALS = (Unauthenticated, Unavailable, AddressRefused, HttpsRequired, OriginRefused)
REFUSED = Counter("orrery_credentials_refused_total", "Credentials turned away, by reason.", ["reason"])


class Shown(NamedTuple):
    """What a request shows of its caller, as sent."""

    bearer: bytes
    api_key: bytes
    user_agent: bytes
    address: str
    origin: bytes  # beside an API key or token alone: others may be used by any page
    is_secure: bool


@dataclass(frozen=True, slots=True)
class Admission:
    """Who calls, and the same signed for the services; to be used at once."""

    identity: Identity
    signed: bytes
    until: float  # Unix seconds
    proof: Verified | None = None  # of an access token
    names: tuple[str, ...] = ()  # what another credential stands on
    asked: float = 0.0  # when auth was asked for that, monotonic seconds
    terms: Terms | None = None  # of an API key


class Authenticator:
    """Finds out who calls."""

    def __init__(
        self,
        tokens: Tokens,
        credentials: Credentials,
        signer: Signer,
        proxies: Proxies,
        issuers: Issuers | None = None,
        seen: Callable[[str], None] | None = None,
    ) -> None:
        """`issuers`: the others whose access tokens are accepted; `seen`: is told the sessions; none where absent."""
        self._tokens, self._credentials, self._ended = tokens, credentials, tokens.ended
        self._signer, self._proxies, self._issuers, self._seen = signer, proxies, issuers, seen
        self._admitted: Recent[Shown, Admission] = Recent(REMEMBERED)

    async def admit(
        self, peer: str, headers: Iterable[tuple[bytes, bytes]], access: Access, *, verifies: bool = False
    ) -> Admission:
        """The caller of a request (ASGI's headers, lower-case) to an RPC; raises the refusal that it gets.

        Where anyone may call, a credential that is no good is the same as none: whoever renews an expired token sends
        it along more often than not.
        """
        is_open = access.caller == Caller.CALLER_ANYONE
        shown = self._shown(peer, headers, is_open=is_open)
        try:
            admission = await self._known(shown)
        except REFUSALS as refusal:
            REFUSED.labels(refusal.reason).inc()
            if not is_open:
                raise
            admission = await self._known(shown._replace(bearer=b"", api_key=b""))
        check(access, admission.identity)
        if admission.terms and admission.terms.requires_signature and not verifies:
            raise SignatureMissing
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
        asked = time.monotonic()
        holder, proof = await self._holder(shown)
        identity = holder.identity
        identity.address = shown.address
        identity.user_agent = shown.user_agent.decode("latin-1")
        identity.is_secure = shown.is_secure
        if proof:
            proof.claims.ensure_place(shown.address, is_secure=shown.is_secure)
        if self._seen and identity.session_id:
            self._seen(identity.session_id)
        if holder.terms:
            self._ensure_place(identity, holder.terms, shown)
        names = names_of(identity) if identity.user_id and proof is None else ()
        return Admission(identity, self._signer.sign(identity), holder.until, proof, names, asked, holder.terms)

    async def _holder(self, shown: Shown) -> tuple[Holder, Verified | None]:
        """Whose the credential is, and the proof that an access token is."""
        until = time.time() + KEEP_SECONDS
        if shown.api_key:
            return await self._credentials.api_key(shown.api_key.decode("latin-1"), shown.address), None
        if not shown.bearer:
            return Holder(Identity(), until), None
        token = shown.bearer.decode("latin-1")
        if not looks_like_jwt(token):
            return await self._credentials.api_token(token, shown.address), None
        if self._issuers and self._issuers.made(token):
            agent = shown.user_agent.decode("latin-1")
            place = Identity(address=shown.address, user_agent=agent, is_secure=shown.is_secure)
            identity, expires = await self._issuers.identify(token, place)
            return Holder(identity, min(until, expires)), None
        proof = await self._tokens.verify(token)
        return Holder(of_session(proof.claims), until), proof

    def _ensure_place(self, identity: Identity, terms: Terms, shown: Shown) -> None:
        try:
            terms.ensure_place(shown.address, shown.origin, is_secure=shown.is_secure)
        except Forbidden as refusal:
            self._credentials.note(identity, refusal)
            raise

    def _shown(self, peer: str, headers: Iterable[tuple[bytes, bytes]], *, is_open: bool) -> Shown:
        """What the headers show; raises CredentialMalformed. Where anyone may call, another scheme is none of ours."""
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
        is_ours = authorization and not (is_open and BASIC.match(authorization))
        token = bearer(authorization) if is_ours else b""
        has_terms = api_key or (token and b"." not in token)
        is_secure = self._proxies.is_secure(peer, found.get(b"x-forwarded-proto", b""))
        return Shown(token, api_key, agent, address, found.get(b"origin", b"") if has_terms else b"", is_secure)


def bearer(authorization: bytes) -> bytes:
    """The token of an Authorization header; raises CredentialMalformed for another scheme."""
    scheme, _, token = authorization.partition(b" ")
    token = token.lstrip(b" ")
    if scheme.lower() != b"bearer" or not token or b" " in token:
        raise CredentialMalformed
    return token


def of_session(claims: Claims) -> Identity:
    """The identity that an access token's claims stand for: a session, or an app that somebody let act for them."""
    made = Identity(
        subject=claims.sub,
        user_id=claims.uid,
        organization_id=claims.org,
        roles=claims.roles,
        scopes=claims.scope.split(),
        session_id=claims.sid,
        credential=Credential.CREDENTIAL_SESSION,
        is_admin=claims.adm,
        grants=unpack(claims.grt),
    )
    return of_app(made, claims.client_id) if claims.client_id else made


def of_app(made: Identity, client_id: str) -> Identity:
    """The identity as an app's: no session, nobody's every scope, and no platform administrator."""
    made.credential, made.credential_id = Credential.CREDENTIAL_OAUTH, client_id
    made.session_id, made.is_admin = "", False
    scopes = [scope for scope in made.scopes if scope != EVERY_SCOPE]
    del made.scopes[:]
    made.scopes.extend(scopes)
    return made
