"""The three tokens of an issuer: ID tokens, access tokens, logout tokens. None of them passes for another."""

import hashlib
import time
from base64 import urlsafe_b64encode
from typing import Annotated, Any, Literal, TypeVar

import jwt
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from services.auth.sso.errors import SsoAnswerRefused, TokenExpired
from services.auth.sso.issuer import Issuer
from services.auth.sso.jwks import ALLOWED
from services.auth.sso.shape import Head, head_of

LEEWAY_SECONDS = 30  # for nbf and iat, when an issuer's clock runs ahead of ours; exp gets none
FRESH_SECONDS = 600  # an ID token was made for the sign-in that asked for it, a logout token for this logout
ID_TOKEN_TYPES = ("", "jwt")
ACCESS_TOKEN_TYPES = ("jwt", "at+jwt")  # RFC 9068, and what issuers wrote before it
LOGOUT_TOKEN_TYPES = ("", "jwt", "logout+jwt")
LOGOUT = "http://schemas.openid.net/event/backchannel-logout"
Name = Annotated[str, Field(min_length=1, max_length=255, pattern=r"^[^\x00-\x1f\x7f]+$")]
Moment = Annotated[int, Field(ge=0, lt=2**40)]


class Said(BaseModel):
    """What each token says; types are taken as they are, never converted."""

    model_config = ConfigDict(strict=True, frozen=True, extra="ignore")

    iss: str
    aud: str | Annotated[list[str], Field(max_length=100)]
    exp: Moment
    iat: Moment
    claims: dict[str, Any]  # all of them, for those that a deployment names


class Person(Said):
    """Who somebody is."""

    sub: Name
    sid: Name | None = None
    preferred_username: str | None = None
    email: str | None = None
    email_verified: Any = None  # only True is a yes
    name: str | None = None
    amr: Annotated[list[Name], Field(max_length=20)] = Field(default_factory=list)

    @property
    def has_verified_email(self) -> bool:
        return self.email is not None and self.email_verified is True


S = TypeVar("S", bound=Said)


class IdToken(Person):
    nonce: str
    azp: str | None = None
    at_hash: str | None = None


class AccessToken(Person):
    typ: Literal["Bearer"] | None = None  # Keycloak's own word for what it is
    at_hash: None = None  # of ID tokens alone
    events: None = None  # of logout tokens alone


class Events(BaseModel):
    model_config = ConfigDict(strict=True, frozen=True, extra="ignore")

    logout: dict[str, Any] = Field(alias=LOGOUT)


class LogoutToken(Said):
    sub: Name | None = None
    sid: Name | None = None
    jti: Name
    events: Events
    nonce: None = None  # "a nonce claim MUST NOT be present"


async def id_token(issuer: Issuer, token: str, access_token: str, nonce: str) -> IdToken:
    """OpenID Connect Core 1.0 §3.1.3.7. Raises SsoAnswerRefused, SsoIssuerAway."""
    algorithms = (await issuer.metadata()).algorithms
    head, payload = await verified(issuer, token, algorithms, ID_TOKEN_TYPES, issuer.provider.client_id)
    said = read(IdToken, payload)
    own, audiences = issuer.provider.client_id, [said.aud] if isinstance(said.aud, str) else said.aud
    is_ours = said.azp == own or (said.azp is None and audiences == [own])
    is_bound = said.at_hash is None or said.at_hash == half_hash(access_token, head.alg)
    if not (is_ours and is_bound and said.nonce == nonce and is_fresh(said)):
        raise SsoAnswerRefused
    return said


async def access_token(issuer: Issuer, token: str) -> AccessToken:
    """A bearer for our audience. Raises SsoAnswerRefused, TokenExpired, SsoIssuerAway."""
    if issuer.provider.accept_bearer is None:
        raise SsoAnswerRefused
    _, payload = await verified(issuer, token, ALLOWED, ACCESS_TOKEN_TYPES, issuer.provider.accept_bearer)
    return read(AccessToken, payload)


async def logout_token(issuer: Issuer, token: str) -> LogoutToken:
    """OpenID Connect Back-Channel Logout 1.0 §2.6. Raises SsoAnswerRefused, SsoIssuerAway."""
    algorithms = (await issuer.metadata()).algorithms
    _, payload = await verified(issuer, token, algorithms, LOGOUT_TOKEN_TYPES, issuer.provider.client_id)
    if "nonce" in payload:
        raise SsoAnswerRefused
    said = read(LogoutToken, payload)
    if not (said.sub or said.sid) or not is_fresh(said):
        raise SsoAnswerRefused
    return said


async def verified(
    issuer: Issuer, token: str, algorithms: tuple[str, ...], types: tuple[str, ...], audience: str
) -> tuple[Head, dict[str, Any]]:
    """Header and claims of a token of this issuer for this audience that is good now."""
    head = head_of(token)
    if head.alg not in algorithms or head.typ not in types:
        raise SsoAnswerRefused
    key = await issuer.key(head.kid, head.alg)
    try:
        payload: dict[str, Any] = jwt.decode(
            token,
            key,
            algorithms=[head.alg],
            issuer=issuer.provider.issuer,
            audience=audience,
            leeway=LEEWAY_SECONDS,
            options={"require": ["iss", "aud", "exp", "iat"], "enforce_minimum_key_length": True},
        )
    except jwt.ExpiredSignatureError:
        raise TokenExpired from None
    except jwt.InvalidTokenError:
        raise SsoAnswerRefused from None
    if read(Said, payload).exp <= time.time():
        raise TokenExpired
    return head, payload


def read(model: type[S], payload: dict[str, Any]) -> S:
    """The claims as a model; raises SsoAnswerRefused where one is missing or of another type."""
    try:
        return model.model_validate({**payload, "claims": payload})
    except ValidationError:
        raise SsoAnswerRefused from None


def is_fresh(said: Said) -> bool:
    return said.iat > time.time() - FRESH_SECONDS


def half_hash(token: str, alg: str) -> str:
    """The left half of a token's hash, as at_hash has it; EdDSA with Ed25519 hashes by SHA-512."""
    digest = (hashlib.sha512 if alg == "EdDSA" else hashlib.sha256)(token.encode()).digest()
    return urlsafe_b64encode(digest[: len(digest) // 2]).rstrip(b"=").decode()
