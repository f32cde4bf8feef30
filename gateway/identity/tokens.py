"""Access tokens: checked in full once, then remembered until they expire, are revoked or their key is withdrawn."""

import time
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import ip_address, ip_network
from typing import Annotated, Any, Literal

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from gateway.identity.keys import Keys
from gateway.identity.recent import Recent
from gateway.identity.refusals import AddressRefused, HttpsRequired, TokenExpired, TokenRefused, TokenRevoked
from gateway.identity.revocations import Revocations
from gateway.identity.shape import Opened, opened
from gateway.identity.terms import Networks
from libs.errors import Unauthenticated
from libs.rpc.packed import unpack

REMEMBERED = 20_000
LEEWAY_SECONDS = 30  # for nbf and iat, when auth's clock runs ahead of ours; exp gets none
PADDING, HASH = PKCS1v15(), SHA256()  # RS256
Moment = Annotated[float, Field(gt=-(2**53), lt=2**53)]  # Unix seconds; the bounds exclude what is no number
Uuid = Annotated[str, Field(pattern=r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")]


def readable(grants: list[list[Any]]) -> list[list[Any]]:
    """Packed grants; raises ValueError where they are none."""
    unpack(grants)
    return grants


def networks(texts: list[str]) -> list[str]:
    """Networks in CIDR notation; raises ValueError where they are none."""
    parsed(tuple(texts))
    return texts


@lru_cache(1024)
def parsed(texts: tuple[str, ...]) -> Networks:
    return tuple(ip_network(one) for one in texts)


Grants = Annotated[list[list[Any]], AfterValidator(readable)]
Texts = Annotated[list[str], AfterValidator(networks)]


class Claims(BaseModel):
    """What a token says of its bearer; types are taken as they are, never converted."""

    model_config = ConfigDict(strict=True, frozen=True, extra="ignore")

    iss: str
    aud: str
    jti: str
    sub: Uuid
    uid: int = Field(gt=0, lt=2**63)
    org: Uuid
    sid: Uuid
    roles: list[str] = Field(max_length=100)
    scope: str
    adm: bool
    exp: int = Field(lt=2**53)
    iat: Moment
    nbf: Moment | None = None
    grt: Grants = Field(default=[], max_length=200)  # of a role of the organization's own
    net: Texts = Field(default=[], max_length=200)  # where its organization lets people in from; empty: everywhere
    tls: bool = False  # its organization asks for HTTPS
    client_id: str = Field(default="", max_length=100)  # the app that holds it (RFC 9068); empty: a session
    pub: Uuid | Literal[""] = ""  # the organization that registered the app
    asof: int = Field(default=0, ge=0)  # milliseconds: what it says was read later than this

    @property
    def names(self) -> tuple[str, ...]:
        """What may change before it expires, as gateway.identity.ended names it."""
        publisher = (f"organization:{self.pub}",) if self.pub else ()
        return f"account:{self.sub}", f"membership:{self.org}:{self.uid}", f"organization:{self.org}", *publisher

    def ensure_place(self, address: str, *, is_secure: bool) -> None:
        """Raise AddressRefused or HttpsRequired where the organization lets nobody in from there."""
        if self.tls and not is_secure:
            raise HttpsRequired
        if self.net and not (address and any(ip_address(address) in one for one in parsed(tuple(self.net)))):
            raise AddressRefused


@dataclass(slots=True)
class Verified:
    """A token found good, the keys that were current then, and how much had been heard to end when it was looked at."""

    claims: Claims
    keys: dict[str, RSAPublicKey]
    heard: int = -1


class Tokens:
    """Believes tokens of one issuer for one audience."""

    def __init__(self, keys: Keys, revocations: Revocations, issuer: str, audience: str) -> None:
        self._keys, self.ended = keys, revocations.ended
        self._issuer, self._audience = issuer, audience
        self._verified: Recent[str, Verified] = Recent(REMEMBERED)

    async def verify(self, token: str) -> Verified:
        """A token that is good now; raises a refusal of gateway.identity.refusals."""
        found = self._verified.get(token)
        if found is None or found.keys is not self._keys.current:
            parts = opened(token)
            key = await self._keys.find(parts.kid)
            found = Verified(self._believed(parts, key), self._keys.current)
            self._verified.keep(token, found)
        if found.claims.exp <= time.time():
            raise TokenExpired
        if found.heard != self.ended.count:
            self._refuse_ended(found)
        return found

    def holds(self, verified: Verified, now: float) -> bool:
        """Whether a token that was good still is; `now` in Unix seconds."""
        if verified.claims.exp <= now or verified.keys is not self._keys.current:
            return False
        return verified.heard == self.ended.count or self._still_holds(verified)

    def _still_holds(self, verified: Verified) -> bool:
        try:
            self._refuse_ended(verified)
        except Unauthenticated:
            return False
        return True

    def _refuse_ended(self, verified: Verified) -> None:
        """Raise TokenRevoked where the session or grant is over, TokenExpired where what the token says is outdated."""
        ended, claims = self.ended, verified.claims
        heard = ended.count
        if ended.is_over(f"session:{claims.sid}") or ended.is_over(f"grant:{claims.sid}"):
            raise TokenRevoked
        if ended.outdates(claims.names, claims.asof or int(claims.iat * 1000)):
            raise TokenExpired
        verified.heard = heard

    def _believed(self, parts: Opened, key: RSAPublicKey) -> Claims:
        """What the token says, once its signature and its claims hold (RFC 8725, RFC 9068); raises TokenRefused.

        By hand, for a JWT library would read it all again: 75 µs of 150 for what `shape` has done more strictly.
        """
        try:
            key.verify(parts.signature, parts.signed, PADDING, HASH)
            claims = Claims.model_validate(parts.payload)
        except (InvalidSignature, ValidationError):
            raise TokenRefused from None
        latest = time.time() + LEEWAY_SECONDS
        is_ours = claims.iss == self._issuer and claims.aud == self._audience
        if not is_ours or claims.iat > latest or (claims.nbf is not None and claims.nbf > latest):
            raise TokenRefused
        return claims
