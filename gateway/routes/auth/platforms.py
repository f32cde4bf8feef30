"""Twitch and YouTube accounts linked to ours, and their tokens."""

from orrery.auth.v1 import platforms_pb2

from gateway.bridge.names import SNAKE
from gateway.families import BARE, ENVELOPE
from gateway.router import RpcRouter

PLATFORMS = platforms_pb2.DESCRIPTOR.services_by_name["PlatformsService"]
OUTSIDE = 20.0  # seconds: up to three calls of a platform

front_ends = RpcRouter(PLATFORMS, prefix="/api/auth", family=BARE, names=SNAKE, backend="auth")
front_ends.rpc("GET", "/{platform}/authorize", "AuthorizeVisitor", id="platforms_authorize_visitor", rate="auth")
front_ends.rpc("POST", "/twitch/callback", "CompleteTwitch", id="twitch_callback", rate="auth", timeout=OUTSIDE)
front_ends.rpc("POST", "/youtube/callback", "CompleteYoutube", id="youtube_callback", rate="auth", timeout=OUTSIDE)
front_ends.rpc("POST", "/twitch/refresh", "RefreshTwitch", id="twitch_refresh", rate="auth", timeout=OUTSIDE)
front_ends.rpc("POST", "/youtube/refresh", "RefreshYoutube", id="youtube_refresh", rate="auth", timeout=OUTSIDE)

links = RpcRouter(PLATFORMS, prefix="/api", family=ENVELOPE, names=SNAKE, backend="auth")
links.rpc("GET", "/platforms", "ListPlatforms", id="platforms_list")
links.rpc("GET", "/oauth/authorize/{platform}", "AuthorizePlatform", id="platforms_authorize")
links.rpc("POST", "/oauth/callback/{platform}", "LinkPlatform", id="platforms_link", timeout=OUTSIDE)

keys = RpcRouter(PLATFORMS, prefix="/api/user-api-keys", family=ENVELOPE, names=SNAKE, backend="auth")
keys.rpc("GET", "", "ListUserApiKeys", id="user_api_keys_list")
keys.rpc("POST", "", "CreateUserApiKey", id="user_api_keys_create", status=201)
keys.rpc("PUT", "/{api_key_id}", "UpdateUserApiKey", id="user_api_keys_update")
keys.rpc("POST", "/{api_key_id}/refresh", "RefreshUserApiKey", id="user_api_keys_refresh", timeout=OUTSIDE)
keys.rpc("DELETE", "/{api_key_id}", "DeleteUserApiKey", id="user_api_keys_delete", status=204)

ROUTERS = (front_ends, links, keys)
