"""Platforms, keys and tokens as protos."""

from orrery.auth.v1 import platforms_pb2 as pb

from services.auth.moments import rfc3339
from services.auth.platforms import vault
from services.auth.platforms.catalogue import KNOWN_SINCE, TWITCH, YOUTUBE, Platform
from services.auth.platforms.models import PlatformKey
from services.auth.platforms.oauth import Channel, Profile, Tokens


def platform(one: Platform) -> pb.Platform:
    return pb.Platform(
        id=str(one.id),
        name=one.name,
        display_name=one.display_name,
        api_base_url=one.api_base_url,
        oauth_url=one.oauth_url,
        required_scopes=one.required_scopes,
        is_active=one.is_active,
        created_at=rfc3339(KNOWN_SINCE),
    )


def key(one: PlatformKey, owner: str, of: Platform) -> pb.UserApiKey:
    """`owner` is the UUID of its owner's account."""
    return pb.UserApiKey(
        id=str(one.id),
        user_id=owner,
        platform_id=str(of.id),
        access_token=one.access_token_mask,
        refresh_token=one.refresh_token_mask,
        token_expires_at=rfc3339(one.token_expires_at) if one.token_expires_at else None,
        is_active=one.is_active,
        created_at=rfc3339(one.created_at),
        updated_at=rfc3339(one.updated_at),
        platform=pb.PlatformName(name=of.name, display_name=of.display_name),
    )


def channel(one: Channel) -> pb.PlatformUserInfo:
    return pb.PlatformUserInfo(
        channel_id=one.id,
        title=one.title,
        description=one.description,
        thumbnail_url=one.picture or None,
        subscriber_count=one.subscribers,
    )


def twitch(tokens: Tokens, whose: Profile | None) -> pb.TwitchTokens:
    return pb.TwitchTokens(
        access_token=tokens.access_token,
        refresh_token=tokens.refresh_token or "",
        expires_in=tokens.expires_in,
        expires_at=rfc3339(vault.end_of(tokens)),
        user=twitch_user(whose) if whose else None,
        platform=TWITCH,
    )


def twitch_user(one: Profile) -> pb.TwitchUser:
    return pb.TwitchUser(id=one.id, login=one.login, display_name=one.name, profile_image_url=one.picture)


def youtube(tokens: Tokens, whose: Profile | None) -> pb.YoutubeTokens:
    return pb.YoutubeTokens(
        access_token=tokens.access_token,
        refresh_token=tokens.refresh_token,
        expires_in=tokens.expires_in,
        expires_at=rfc3339(vault.end_of(tokens)),
        user=google_user(whose) if whose else None,
        platform=YOUTUBE,
    )


def google_user(one: Profile) -> pb.GoogleUser:
    return pb.GoogleUser(id=one.id, name=one.name, picture=one.picture, email=one.email)
