"""Access tokens: checked in full once, then remembered until they expire, are revoked or their key is withdrawn."""

import time
from dataclasses import dataclass
from typing import Annotated

import jwt
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from gateway.identity.keys import Keys
from gateway.identity.recent import Recent
from gateway.identity.refusals import TokenExpired, TokenRefused, TokenRevoked
from gateway.identity.revocations import Revocations
from gateway.identity.shape import key_id
from libs.errors import Unauthenticated

REMEMBERED = 20_000
LEEWAY_SECONDS = 30  # for nbf and iat, when auth's clock runs ahead of ours; exp gets none
REQUIRED = ["iss", "aud", "sub", "exp", "iat", "jti"]
Uuid = Annotated[str, Field(pattern=r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")]


class Claims(BaseModel):
    """What a token says of its bearer; types are taken as they are, never converted."""

    model_config = ConfigDict(strict=True, frozen=True, extra="ignore")

    sub: Uuid
    uid: int = Field(gt=0, lt=2**63)
    org: Uuid
    sid: Uuid
    roles: list[str] = Field(max_length=100)
    scope: str
    adm: bool
    exp: int
    iat: float
    asof: int = Field(default=0, ge=0)  # milliseconds: what it says was read later than this

    @property
    def names(self) -> tuple[str, str, str]:
        """What may change before it expires, as gateway.identity.ended names it."""
        return f"account:{self.sub}", f"membership:{self.org}:{self.uid}", f"organization:{self.org}"


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
            key = await self._keys.find(key_id(token))
            found = Verified(self._check(token, key), self._keys.current)
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

    def _check(self, token: str, key: RSAPublicKey) -> Claims:
        try:
            payload = jwt.decode(
                token,
                key,
                algorithms=["RS256"],
                issuer=self._issuer,
                audience=self._audience,
                leeway=LEEWAY_SECONDS,
                options={"require": REQUIRED, "strict_aud": True, "enforce_minimum_key_length": True},
            )
            return Claims.model_validate(payload)
        except jwt.ExpiredSignatureError:
            raise TokenExpired from None
        except (jwt.InvalidTokenError, ValidationError):
            raise TokenRefused from None
