"""The platforms of this deployment: known ones, and those that it is registered at."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self
from uuid import UUID

from services.auth.platforms.catalogue import KICK_PLATFORM, Platform
from services.auth.platforms.errors import PlatformInactive, PlatformNotConfigured, PlatformNotFound
from services.auth.platforms.http import PlatformHttp
from services.auth.platforms.oauth import Client
from services.auth.platforms.settings import PlatformSettings
from services.auth.platforms.twitch import Twitch
from services.auth.platforms.youtube import Youtube


@dataclass(frozen=True, slots=True)
class Directory:
    """Finds platforms by name or id."""

    platforms: tuple[Platform, ...]
    clients: Mapping[str, Client]
    pages: tuple[str, ...]  # that platforms may send browsers back to

    @classmethod
    def of(cls, http: PlatformHttp, settings: PlatformSettings) -> Self:
        youtube, twitch = Youtube(http, settings.youtube), Twitch(http, settings.twitch)
        clients: dict[str, Client] = {}
        if settings.youtube.is_there:
            clients[youtube.platform.name] = youtube
        if settings.twitch.is_there:
            clients[twitch.platform.name] = twitch
        return cls((youtube.platform, twitch.platform, KICK_PLATFORM), clients, settings.pages)

    def named(self, name: str) -> Platform:
        """Raises PlatformNotFound."""
        for one in self.platforms:
            if one.name == name:
                return one
        raise PlatformNotFound

    def identified(self, platform_id: UUID) -> Platform:
        """Raises PlatformNotFound."""
        for one in self.platforms:
            if one.id == platform_id:
                return one
        raise PlatformNotFound

    def active(self, platform_id: UUID) -> Platform:
        """Raises PlatformNotFound, PlatformInactive."""
        return ensure_active(self.identified(platform_id))

    def client(self, name: str) -> Client:
        """Raises PlatformNotFound, PlatformInactive, PlatformNotConfigured."""
        platform = ensure_active(self.named(name))
        client = self.clients.get(platform.name)
        if client is None:
            raise PlatformNotConfigured
        return client


def ensure_active(platform: Platform) -> Platform:
    if not platform.is_active:
        raise PlatformInactive
    return platform
