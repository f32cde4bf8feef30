"""An issuer as it describes itself (OpenID Connect Discovery 1.0), and what is asked of it."""

import asyncio
import time
from base64 import b64encode
from collections.abc import Callable
from typing import Any, Literal
from urllib.parse import quote_plus, urlsplit

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from libs.telemetry import get_logger
from services.auth.sso.errors import SsoAnswerRefused, SsoIssuerAway
from services.auth.sso.fetch import Fetch
from services.auth.sso.jwks import ALLOWED, Jwks, Public
from services.auth.sso.provider import SsoProviderSettings, is_safe

log = get_logger(__name__)
DISCOVERY = "/.well-known/openid-configuration"
REFRESH_SECONDS = 3600.0
ASK_AGAIN_SECONDS = 5.0


class Metadata(BaseModel):
    """What of an issuer's description is used."""

    model_config = ConfigDict(strict=True, frozen=True, extra="ignore")

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    end_session_endpoint: str | None = None
    userinfo_endpoint: str | None = None
    id_token_signing_alg_values_supported: list[str] = Field(default=["RS256"], max_length=100)
    token_endpoint_auth_methods_supported: list[str] = Field(default=["client_secret_basic"], max_length=100)
    authorization_response_iss_parameter_supported: bool = False

    @property
    def algorithms(self) -> tuple[str, ...]:
        """Of those that it signs ID tokens with, the ones that we believe."""
        return tuple(alg for alg in ALLOWED if alg in self.id_token_signing_alg_values_supported)


class Tokens(BaseModel):
    """What a code is traded for; nothing else of it is used."""

    model_config = ConfigDict(strict=True, frozen=True, extra="ignore")

    id_token: str
    access_token: str
    token_type: str


class Issuer:
    """One issuer: its description and keys are fetched as they are needed and kept for an hour."""

    def __init__(self, provider: SsoProviderSettings, fetch: Fetch, now: Callable[[], float] = time.monotonic) -> None:
        self.provider = provider
        self._fetch, self._now = fetch, now
        self._metadata: Metadata | None = None
        self._asked = self._taken = -float("inf")
        self._asking = asyncio.Lock()
        self._jwks = Jwks(self._load_keys, now)

    async def metadata(self) -> Metadata:
        """Its description; an old one while it is away. Raises SsoIssuerAway."""
        if self._metadata is None or self._now() - self._taken > REFRESH_SECONDS:
            async with self._asking:
                if self._now() - self._asked > ASK_AGAIN_SECONDS:
                    await self._discover()
        if self._metadata is None:
            raise SsoIssuerAway
        return self._metadata

    async def key(self, kid: str | None, alg: str) -> Public:
        """Its key of this name and algorithm; raises SsoAnswerRefused, SsoIssuerAway."""
        return await self._jwks.find(kid, alg)

    async def trade(self, code: str, verifier: str, redirect_uri: str) -> Tokens:
        """Trade an authorization code for tokens; raises SsoAnswerRefused, SsoIssuerAway."""
        metadata, provider = await self.metadata(), self.provider
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": redirect_uri,
            "code_verifier": verifier,
        }
        headers: dict[str, str] = {}
        match client_authentication(metadata, provider):
            case "client_secret_basic":
                headers["authorization"] = basic(provider.client_id, provider.secret or "")
            case "client_secret_post":
                form |= {"client_id": provider.client_id, "client_secret": provider.secret or ""}
            case "none":
                form["client_id"] = provider.client_id
        answer = await self._fetch.post(metadata.token_endpoint, form, headers)
        try:
            return Tokens.model_validate(answer)
        except ValidationError:
            raise SsoAnswerRefused from None

    async def user_info(self, access_token: str) -> dict[str, Any]:
        """What it says of whoever the access token is for; nothing where it does not say. Raises as `trade` does."""
        endpoint = (await self.metadata()).userinfo_endpoint
        return await self._fetch.get(endpoint, {"authorization": f"Bearer {access_token}"}) if endpoint else {}

    async def _load_keys(self) -> dict[str, Any]:
        return await self._fetch.get((await self.metadata()).jwks_uri)

    async def _discover(self) -> None:
        self._asked = self._now()
        try:
            described = await self._fetch.get(self.provider.issuer.rstrip("/") + DISCOVERY)
            self._metadata = sound(described, self.provider.issuer)
        except (SsoIssuerAway, SsoAnswerRefused) as refusal:
            log.warning("issuer_not_discovered", issuer=self.provider.issuer, reason=refusal.reason)
            return
        self._taken = self._now()


def sound(described: dict[str, Any], issuer: str) -> Metadata:
    """The description, where it is this issuer's own and sends nobody to unsafe places. Raises SsoAnswerRefused."""
    try:
        metadata = Metadata.model_validate(described)
    except ValidationError:
        raise SsoAnswerRefused from None
    places = [metadata.authorization_endpoint, metadata.token_endpoint, metadata.jwks_uri]
    places += [one for one in (metadata.end_session_endpoint, metadata.userinfo_endpoint) if one]
    is_https = urlsplit(issuer).scheme == "https"
    are_safe = all(is_safe(one) and (not is_https or urlsplit(one).scheme == "https") for one in places)
    if metadata.issuer != issuer or not are_safe or not metadata.algorithms:
        raise SsoAnswerRefused
    return metadata


def client_authentication(
    metadata: Metadata, provider: SsoProviderSettings
) -> Literal["none", "client_secret_basic", "client_secret_post"]:
    """How the client proves itself: HTTP Basic where the issuer takes it, else in the form."""
    if provider.secret is None:
        return "none"
    is_basic = "client_secret_basic" in metadata.token_endpoint_auth_methods_supported
    return "client_secret_basic" if is_basic else "client_secret_post"


def basic(client_id: str, secret: str) -> str:
    """An Authorization header; both halves are form-encoded first (RFC 6749 §2.3.1)."""
    return "Basic " + b64encode(f"{quote_plus(client_id)}:{quote_plus(secret)}".encode()).decode()
