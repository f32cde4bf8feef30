"""What an organization asks of the sessions that act for it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from libs.errors import Forbidden
from services.auth.keys.operations import TOKEN_LIFETIME
from services.auth.organizations.settings import OrganizationSettings
from services.auth.sessions.client import Client
from services.auth.sessions.errors import AddressNotAllowed, HttpsRequired

SHORTEST_TOKEN = timedelta(minutes=1)
UNUSED = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Limits:
    """How long a session may lie unused, and from where it may be used."""

    idle: timedelta = UNUSED
    networks: tuple[str, ...] = ()  # in CIDR notation; everywhere where empty
    requires_https: bool = False

    @classmethod
    def of(cls, stored: Mapping[str, Any]) -> "Limits":
        """By an organization's settings."""
        found = OrganizationSettings.of(stored)
        idle = timedelta(minutes=found.session_timeout)
        return cls(idle, tuple(found.document["ipWhitelist"]), found.requires_https)

    @property
    def idle_limit(self) -> timedelta | None:
        """None where the organization asks for nothing shorter than what holds for all."""
        return self.idle if self.idle < UNUSED else None

    @property
    def token_lifetime(self) -> timedelta:
        """Of access tokens: half an hour, and so short that whoever goes on renews one in time."""
        return max(SHORTEST_TOKEN, min(TOKEN_LIFETIME, self.idle / 2))

    @property
    def claims(self) -> dict[str, Any]:
        """What gateways check at each call; nothing where all is allowed."""
        networks = {"net": list(self.networks)} if self.networks else {}
        return {**networks, **({"tls": True} if self.requires_https else {})}

    def refusal(self, client: Client) -> Forbidden | None:
        """Why nobody may act from there; None where they may."""
        if self.requires_https and not client.is_secure:
            return HttpsRequired()
        if self.networks and not client.is_within(self.networks):
            return AddressNotAllowed()
        return None
