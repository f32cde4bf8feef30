"""YouTube: Google's authorization code flow with PKCE, its userinfo, and the channels of YouTube's API."""

from typing import Any
from urllib.parse import urlencode

from services.auth.platforms import catalogue, members, oauth
from services.auth.platforms.errors import ChannelMissing, PlatformAway
from services.auth.platforms.http import PlatformHttp
from services.auth.platforms.oauth import Channel, Profile, Tokens
from services.auth.platforms.settings import YoutubeSettings

WHO = ("openid", "email", "profile")
COUNT_DIGITS = 15
LIST = "youtube#channelListResponse"


class Youtube:
    """The deployment's registration at Google."""

    has_pkce = True

    def __init__(self, http: PlatformHttp, settings: YoutubeSettings) -> None:
        self._http, self._settings = http, settings
        self.platform = catalogue.youtube(settings.api_url, settings.accounts_url)

    def page(self, redirect_uri: str, state: str, verifier: str | None) -> str:
        asked = {
            "client_id": self._settings.client_id,
            "redirect_uri": redirect_uri,
            "response_type": "code",
            "scope": " ".join((*self.platform.required_scopes, *WHO)),
            "state": state,
            "access_type": "offline",  # with a refresh token,
            "prompt": "consent",  # also when they allowed it before
        }
        if verifier:
            asked |= {"code_challenge": oauth.challenge(verifier), "code_challenge_method": "S256"}
        return f"{self.platform.oauth_url}?{urlencode(asked)}"

    async def exchange(self, code: str, redirect_uri: str, verifier: str | None) -> Tokens:
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": redirect_uri}
        return await self._grant({**form, **({"code_verifier": verifier} if verifier else {})})

    async def renew(self, refresh_token: str) -> Tokens:
        return await self._grant({"grant_type": "refresh_token", "refresh_token": refresh_token})

    async def profile(self, access_token: str) -> Profile:
        reply = await self._http.get(f"{self._settings.api_url}/oauth2/v3/userinfo", access_token, {}, {})
        oauth.ensure_answered(reply)
        said = reply.body
        email, name = members.text(said, "email", 255), members.text(said, "name")
        return Profile(members.name_of(said, "sub"), email, name or email, members.picture(said, "picture"), email)

    async def channel(self, access_token: str) -> Channel:
        query = {"part": "snippet,statistics", "mine": "true"}
        reply = await self._http.get(f"{self.platform.api_base_url}/channels", access_token, query, {})
        oauth.ensure_answered(reply)
        if reply.body.get("kind") != LIST:
            raise PlatformAway
        found = members.first(reply.body, "items") if "items" in reply.body else None  # left out where there is none
        if found is None:
            raise ChannelMissing
        about = found.get("snippet")
        return Channel(
            members.name_of(found),
            members.text(about, "title"),
            members.text(about, "description", 5000),
            thumbnail(about),
            subscribers(found.get("statistics")),
        )

    async def _grant(self, form: dict[str, str]) -> Tokens:
        settings = self._settings
        own = {"client_id": settings.client_id, "client_secret": settings.client_secret.get_secret_value()}
        return oauth.granted(await self._http.post(f"{settings.token_url}/token", {**form, **own}))


def thumbnail(about: Any) -> str:
    """The largest of the usual three."""
    pictures = about.get("thumbnails") if isinstance(about, dict) else None
    sizes = [pictures.get(size) for size in ("high", "medium", "default")] if isinstance(pictures, dict) else []
    return next((url for one in sizes if (url := members.picture(one, "url"))), "")


def subscribers(statistics: Any) -> int | None:
    """A number, which Google writes as text; None where the channel hides it."""
    if not isinstance(statistics, dict) or statistics.get("hiddenSubscriberCount") is True:
        return None
    said = members.text(statistics, "subscriberCount")
    return int(said) if said.isascii() and said.isdecimal() and len(said) <= COUNT_DIGITS else None
