"""orrery.auth.v1.PlatformsService."""

from orrery.auth.v1 import platforms_pb2 as pb
from orrery.auth.v1 import platforms_pb2_grpc as rpc

from libs.database import Database
from libs.rpc import caller
from libs.rpc.handlers import Context
from services.auth.fields import given
from services.auth.platforms import answers, linked, operations
from services.auth.platforms.catalogue import TWITCH, YOUTUBE
from services.auth.platforms.directory import Directory
from services.auth.platforms.linking import Callback, Linking
from services.auth.platforms.models import PlatformKey
from services.auth.platforms.oauth import Profile, Tokens
from services.auth.platforms.renewal import Renewal
from services.auth.platforms.repository import PlatformKeys
from services.auth.platforms.rules import given_key, key_id, platform_id
from services.auth.sealing import Sealer


class PlatformsServicer(rpc.PlatformsServiceServicer):
    def __init__(self, database: Database, sealer: Sealer, directory: Directory) -> None:
        self._database, self._sealer, self._directory = database, sealer, directory
        self._linking, self._renewal = Linking(database, sealer, directory), Renewal(database, sealer, directory)

    async def ListPlatforms(self, request: pb.ListPlatformsRequest, context: Context) -> pb.ListPlatformsResponse:
        return pb.ListPlatformsResponse(platforms=[answers.platform(one) for one in self._directory.platforms])

    async def AuthorizePlatform(
        self, request: pb.AuthorizePlatformRequest, context: Context
    ) -> pb.PlatformAuthorization:
        url, state = await self._linking.authorize(request.platform, given(request, "redirect_uri"), caller())
        return pb.PlatformAuthorization(authorization_url=url, state=state)

    async def AuthorizeVisitor(
        self, request: pb.AuthorizePlatformRequest, context: Context
    ) -> pb.PlatformAuthorization:
        return await self.AuthorizePlatform(request, context)

    async def LinkPlatform(self, request: pb.LinkPlatformRequest, context: Context) -> pb.LinkPlatformResponse:
        callback = Callback(request.platform, request.code, request.state)
        client, tokens = await self._linking.complete(callback, caller())
        channel = await self._linking.channel(client, tokens, caller())
        async with self._database.transaction(caller()) as session:
            kept = await operations.link(session, self._sealer, caller(), client.platform, tokens, channel)
        return pb.LinkPlatformResponse(user_api_key=self._shown(kept), platform_user_info=answers.channel(channel))

    async def CompleteTwitch(self, request: pb.PlatformCallbackRequest, context: Context) -> pb.TwitchTokens:
        return answers.twitch(*await self._completed(TWITCH, request))

    async def CompleteYoutube(self, request: pb.PlatformCallbackRequest, context: Context) -> pb.YoutubeTokens:
        return answers.youtube(*await self._completed(YOUTUBE, request))

    async def RefreshTwitch(self, request: pb.RefreshPlatformRequest, context: Context) -> pb.TwitchTokens:
        return answers.twitch(*await self._renewed(TWITCH, request))

    async def RefreshYoutube(self, request: pb.RefreshPlatformRequest, context: Context) -> pb.YoutubeTokens:
        return answers.youtube(*await self._renewed(YOUTUBE, request))

    async def ListUserApiKeys(self, request: pb.ListUserApiKeysRequest, context: Context) -> pb.ListUserApiKeysResponse:
        wanted = given(request, "platform_id")
        is_active = request.is_active if request.HasField("is_active") else None
        async with self._database.transaction(caller()) as session:
            found = await PlatformKeys(session, caller().user_id).all(is_active=is_active)
        shown = [self._shown(one) for one in found]
        return pb.ListUserApiKeysResponse(api_keys=[one for one in shown if wanted in (None, one.platform_id)])

    async def CreateUserApiKey(self, request: pb.CreateUserApiKeyRequest, context: Context) -> pb.UserApiKeyResponse:
        platform = self._directory.active(platform_id(request.platform_id))
        new = given_key(request.access_token, given(request, "refresh_token"), given(request, "token_expires_at"))
        async with self._database.transaction(caller()) as session:
            kept = await operations.create(session, self._sealer, caller(), platform, new)
        return pb.UserApiKeyResponse(user_api_key=self._shown(kept))

    async def UpdateUserApiKey(self, request: pb.UpdateUserApiKeyRequest, context: Context) -> pb.UserApiKeyResponse:
        new = given_key(
            given(request, "access_token"),
            given(request, "refresh_token"),
            given(request, "token_expires_at"),
            request.is_active if request.HasField("is_active") else None,
        )
        async with self._database.transaction(caller()) as session:
            changed = await operations.change(session, self._sealer, caller(), key_id(request.api_key_id), new)
        return pb.UserApiKeyResponse(user_api_key=self._shown(changed))

    async def RefreshUserApiKey(self, request: pb.RefreshUserApiKeyRequest, context: Context) -> pb.UserApiKeyResponse:
        renewed = await self._renewal.renew(caller(), key_id(request.api_key_id))
        return pb.UserApiKeyResponse(user_api_key=self._shown(renewed))

    async def DeleteUserApiKey(
        self, request: pb.DeleteUserApiKeyRequest, context: Context
    ) -> pb.DeleteUserApiKeyResponse:
        async with self._database.transaction(caller()) as session:
            await operations.delete(session, caller(), key_id(request.api_key_id))
        return pb.DeleteUserApiKeyResponse()

    async def _completed(self, platform: str, request: pb.PlatformCallbackRequest) -> tuple[Tokens, Profile]:
        callback = Callback(platform, request.code, request.state, is_public=True)
        client, tokens = await self._linking.complete(callback, caller())
        return tokens, await self._linking.hand_over(client, tokens, caller())

    async def _renewed(self, platform: str, request: pb.RefreshPlatformRequest) -> tuple[Tokens, Profile | None]:
        client, tokens = await self._linking.renew(platform, request.refresh_token, caller())
        return tokens, await linked.profile_if_told(client, tokens)

    def _shown(self, key: PlatformKey) -> pb.UserApiKey:
        return answers.key(key, caller().subject, self._directory.named(key.platform))
