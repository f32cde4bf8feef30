"""What token endpoints answer (RFC 6749 §5), and what an account at a platform is."""

import base64
import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Protocol

from libs.telemetry import get_logger
from services.auth.platforms.catalogue import Platform
from services.auth.platforms.errors import PermissionMissing, PlatformAway, PlatformBusy, PlatformRefusesUs
from services.auth.platforms.http import Reply

log = get_logger(__name__)
LONGEST_TOKEN = 4096
TOKEN = re.compile(rf"[!-~]{{1,{LONGEST_TOKEN}}}")
LONGEST_LIFE = 10 * 366 * 86_400  # seconds
UNSAID_LIFE = 3600
REFUSED_GRANTS = ("invalid authorization code", "invalid refresh token")  # Twitch says it in a sentence
SPENT_QUOTAS = frozenset({"quotaExceeded", "dailyLimitExceeded", "rateLimitExceeded", "userRateLimitExceeded"})
OUR_FAULTS = frozenset({"accessNotConfigured", "SERVICE_DISABLED"})
UNAUTHORIZED, FORBIDDEN = 401, 403


class GrantRefused(Exception):
    """The platform did not take the code or the token."""


@dataclass(frozen=True, slots=True)
class Tokens:
    """Of an account at a platform."""

    access_token: str
    refresh_token: str | None
    expires_in: int  # seconds
    scopes: frozenset[str]


@dataclass(frozen=True, slots=True)
class Profile:
    """Whose tokens are. Texts are empty where the platform does not tell."""

    id: str
    login: str
    name: str
    picture: str
    email: str = ""


@dataclass(frozen=True, slots=True)
class Channel:
    """What an account shows to viewers."""

    id: str
    title: str
    description: str
    picture: str
    subscribers: int | None = None


class Client(Protocol):
    """A platform that this deployment is registered at. Calls raise PlatformAway, PlatformBusy, PlatformRefusesUs."""

    has_pkce: bool

    @property
    def platform(self) -> Platform: ...

    def page(self, redirect_uri: str, state: str, verifier: str | None) -> str:
        """Where somebody allows a link."""

    async def exchange(self, code: str, redirect_uri: str, verifier: str | None) -> Tokens:
        """Raises GrantRefused."""

    async def renew(self, refresh_token: str) -> Tokens:
        """Raises GrantRefused."""

    async def profile(self, access_token: str) -> Profile:
        """Raises GrantRefused, PermissionMissing."""

    async def channel(self, access_token: str) -> Channel:
        """Raises GrantRefused, PermissionMissing, ChannelMissing."""


def challenge(verifier: str) -> str:
    """The code challenge of RFC 7636, S256."""
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")


def granted(reply: Reply) -> Tokens:
    """The tokens of an answer. Raises GrantRefused, PlatformRefusesUs, PlatformAway."""
    said = reply.body
    if reply.is_success:
        return Tokens(token(said, "access_token"), optional_token(said), lifetime(said), scopes(said))
    message = said.get("message")
    if said.get("error") == "invalid_grant" or (isinstance(message, str) and message.lower() in REFUSED_GRANTS):
        raise GrantRefused
    log.error("platform_refuses_us", status=reply.status)
    raise PlatformRefusesUs


def ensure_answered(reply: Reply) -> None:
    """Raise what an API's refusal means: GrantRefused, PermissionMissing, PlatformBusy, PlatformRefusesUs."""
    if reply.is_success:
        return
    if reply.status == UNAUTHORIZED:
        raise GrantRefused
    if reply.status == FORBIDDEN:
        why = reasons(reply.body.get("error"))
        if why & SPENT_QUOTAS:
            raise PlatformBusy
        if not why & OUR_FAULTS:
            raise PermissionMissing
    log.error("platform_refuses_us", status=reply.status)
    raise PlatformRefusesUs


def reasons(error: Any) -> set[str]:
    """The words of Google's errors."""
    errors = error.get("errors") if isinstance(error, dict) else None
    found = [one.get("reason") for one in errors if isinstance(one, dict)] if isinstance(errors, list) else []
    return {one for one in found if isinstance(one, str)}


def ensure_allowed(tokens: Tokens, needed: Iterable[str]) -> None:
    """Raise PermissionMissing where somebody allowed less than a link needs."""
    if set(needed) - tokens.scopes:
        raise PermissionMissing


def token(said: dict[str, Any], name: str) -> str:
    """A token goes into a header as it is; raises PlatformAway for what is none."""
    found = said.get(name)
    if not isinstance(found, str) or not TOKEN.fullmatch(found):
        raise PlatformAway
    return found


def optional_token(said: dict[str, Any]) -> str | None:
    return token(said, "refresh_token") if said.get("refresh_token") else None


def lifetime(said: dict[str, Any]) -> int:
    found = said.get("expires_in", UNSAID_LIFE)
    if type(found) is not int or not 0 < found <= LONGEST_LIFE:
        raise PlatformAway
    return found


def scopes(said: dict[str, Any]) -> frozenset[str]:
    """Google writes them as one text, Twitch as a list."""
    found = said.get("scope", "")
    words = found.split() if isinstance(found, str) else found if isinstance(found, list) else []
    return frozenset(one for one in words if isinstance(one, str))
