"""Twitch: its authorization code flow and Helix. It knows no PKCE."""

from urllib.parse import urlencode

from services.auth.platforms import catalogue, members, oauth
from services.auth.platforms.errors import ChannelMissing
from services.auth.platforms.http import PlatformHttp
from services.auth.platforms.oauth import Channel, Profile, Tokens
from services.auth.platforms.settings import TwitchSettings


class Twitch:
    """The deployment's registration at Twitch."""

    has_pkce = False

    def __init__(self, http: PlatformHttp, settings: TwitchSettings) -> None:
        self._http, self._settings = http, settings
        self.platform = catalogue.twitch(settings.api_url, settings.auth_url)

    def page(self, redirect_uri: str, state: str, verifier: str | None) -> str:
        asked = {
            "client_id": self._settings.client_id,
            "redirect_uri": redirect_uri,
            "response_type": "code",
            "scope": " ".join(self.platform.required_scopes),
            "state": state,
        }
        return f"{self.platform.oauth_url}?{urlencode(asked)}"

    async def exchange(self, code: str, redirect_uri: str, verifier: str | None) -> Tokens:
        return await self._grant({"grant_type": "authorization_code", "code": code, "redirect_uri": redirect_uri})

    async def renew(self, refresh_token: str) -> Tokens:
        return await self._grant({"grant_type": "refresh_token", "refresh_token": refresh_token})

    async def profile(self, access_token: str) -> Profile:
        said = await self._user(access_token)
        login = members.text(said, "login")
        name = members.text(said, "display_name") or login
        return Profile(members.name_of(said), login, name, members.picture(said, "profile_image_url"))

    async def channel(self, access_token: str) -> Channel:
        said = await self._user(access_token)
        title = members.text(said, "display_name") or members.text(said, "login")
        description = members.text(said, "description", 5000)
        return Channel(members.name_of(said), title, description, members.picture(said, "profile_image_url"))

    async def _grant(self, form: dict[str, str]) -> Tokens:
        settings = self._settings
        own = {"client_id": settings.client_id, "client_secret": settings.client_secret.get_secret_value()}
        return oauth.granted(await self._http.post(f"{settings.auth_url}/oauth2/token", {**form, **own}))

    async def _user(self, access_token: str) -> dict[str, object]:
        url, own = f"{self.platform.api_base_url}/users", {"client-id": self._settings.client_id}
        reply = await self._http.get(url, access_token, {}, own)
        oauth.ensure_answered(reply)
        if (found := members.first(reply.body, "data")) is None:
            raise ChannelMissing
        return found
