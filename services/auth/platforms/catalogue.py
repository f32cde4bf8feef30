"""The platforms that are known. Their ids are the same in every deployment."""

from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import NAMESPACE_DNS, UUID, uuid5

TWITCH, YOUTUBE, KICK = "twitch", "youtube", "kick"
YOUTUBE_SCOPES = ("https://www.googleapis.com/auth/youtube.readonly",)
TWITCH_SCOPES = ("user:read:follows",)
KNOWN_SINCE = datetime(2025, 8, 7, 10, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Platform:
    """A streaming platform."""

    name: str
    display_name: str
    domain: str
    api_base_url: str
    oauth_url: str
    required_scopes: tuple[str, ...]
    is_active: bool = True

    @property
    def id(self) -> UUID:
        return uuid5(NAMESPACE_DNS, self.domain)


def youtube(api_url: str, accounts_url: str) -> Platform:
    api, page = f"{api_url}/youtube/v3", f"{accounts_url}/o/oauth2/auth"
    return Platform(YOUTUBE, "YouTube", "youtube.com", api, page, YOUTUBE_SCOPES)


def twitch(api_url: str, auth_url: str) -> Platform:
    return Platform(TWITCH, "Twitch", "twitch.tv", f"{api_url}/helix", f"{auth_url}/oauth2/authorize", TWITCH_SCOPES)


KICK_PLATFORM = Platform(
    KICK,
    "Kick",
    "kick.com",
    "https://api.kick.com/public/v1",
    "https://id.kick.com/oauth/authorize",
    ("user:read", "channel:read"),
    is_active=False,
)
