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


@dataclass(frozen=True, slots=True)
class Verified:
    """A token found good, and the keys that were current then."""

    claims: Claims
    keys: dict[str, RSAPublicKey]


class Tokens:
    """Believes tokens of one issuer for one audience."""

    def __init__(self, keys: Keys, revocations: Revocations, issuer: str, audience: str) -> None:
        self._keys, self._revocations = keys, revocations
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
        if found.claims.sid in self._revocations:
            raise TokenRevoked
        return found

    def holds(self, verified: Verified, now: float) -> bool:
        """Whether a token that was good still is; `now` in Unix seconds."""
        claims = verified.claims
        return claims.exp > now and claims.sid not in self._revocations and verified.keys is self._keys.current

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
