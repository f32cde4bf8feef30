"""People who link their accounts at platforms."""

from dataclasses import dataclass
from typing import Any
from uuid import NAMESPACE_DNS, uuid5

from orrery.auth.v1 import platforms_pb2 as pb
from orrery.auth.v1.accounts_pb2 import SignedIn

from tests.services.auth.house import VISITOR, House, Visitor
from tests.services.auth.platforms.sites import Sites

YOUTUBE, TWITCH, KICK = (str(uuid5(NAMESPACE_DNS, name)) for name in ("youtube.com", "twitch.tv", "kick.com"))


@dataclass
class Person:
    """Somebody signed in, and the platforms that they know."""

    auth: House
    world: Sites
    signed_in: SignedIn

    @property
    def user_id(self) -> int:
        return self.signed_in.user.user_id

    @property
    def visitor(self) -> Visitor:
        return Visitor(token=self.signed_in.token)

    async def authorize(self, platform: str, **more: str) -> pb.PlatformAuthorization:
        request = pb.AuthorizePlatformRequest(platform=platform, **more)
        return await self.auth.call("AuthorizePlatform", request, pb.PlatformAuthorization, self.visitor)

    async def allowed(self, platform: str, *, scopes: str | None = None) -> tuple[str, str]:
        """Code and state, as the platform sends them back."""
        return self.world.allow((await self.authorize(platform)).authorization_url, scopes=scopes)

    async def complete(self, platform: str, code: str, state: str) -> pb.LinkPlatformResponse:
        request = pb.LinkPlatformRequest(platform=platform, code=code, state=state)
        return await self.auth.call("LinkPlatform", request, pb.LinkPlatformResponse, self.visitor)

    async def link(self, platform: str) -> pb.LinkPlatformResponse:
        return await self.complete(platform, *(await self.allowed(platform)))

    async def keys(self, **which: Any) -> list[pb.UserApiKey]:
        request = pb.ListUserApiKeysRequest(**which)
        answer = await self.auth.call("ListUserApiKeys", request, pb.ListUserApiKeysResponse, self.visitor)
        return list(answer.api_keys)

    async def create(self, platform_id: str = YOUTUBE, **more: str) -> pb.UserApiKey:
        request = pb.CreateUserApiKeyRequest(platform_id=platform_id, **{"access_token": "ya29.a0AfH6SMC", **more})
        return (await self.auth.call("CreateUserApiKey", request, pb.UserApiKeyResponse, self.visitor)).user_api_key

    async def update(self, key_id: str, **changes: Any) -> pb.UserApiKey:
        request = pb.UpdateUserApiKeyRequest(api_key_id=key_id, **changes)
        return (await self.auth.call("UpdateUserApiKey", request, pb.UserApiKeyResponse, self.visitor)).user_api_key

    async def renew(self, key_id: str) -> pb.UserApiKey:
        request = pb.RefreshUserApiKeyRequest(api_key_id=key_id)
        return (await self.auth.call("RefreshUserApiKey", request, pb.UserApiKeyResponse, self.visitor)).user_api_key

    async def delete(self, key_id: str) -> None:
        request = pb.DeleteUserApiKeyRequest(api_key_id=key_id)
        await self.auth.call("DeleteUserApiKey", request, pb.DeleteUserApiKeyResponse, self.visitor)


async def person(auth: House, world: Sites) -> Person:
    return Person(auth, world, await auth.register())


async def as_visitor(auth: House, world: Sites, platform: str, visitor: Visitor = VISITOR) -> tuple[str, str]:
    """Code and state of somebody who is not signed in."""
    request = pb.AuthorizePlatformRequest(platform=platform)
    found = await auth.call("AuthorizeVisitor", request, pb.PlatformAuthorization, visitor)
    return world.allow(found.authorization_url)


async def twitch_callback(auth: House, code: str, state: str, visitor: Visitor = VISITOR) -> pb.TwitchTokens:
    request = pb.PlatformCallbackRequest(code=code, state=state)
    return await auth.call("CompleteTwitch", request, pb.TwitchTokens, visitor)


async def youtube_callback(auth: House, code: str, state: str, visitor: Visitor = VISITOR) -> pb.YoutubeTokens:
    request = pb.PlatformCallbackRequest(code=code, state=state)
    return await auth.call("CompleteYoutube", request, pb.YoutubeTokens, visitor)
