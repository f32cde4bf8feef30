"""What a platform says of the account whose tokens it gave."""

from libs.errors import Refusal
from services.auth.platforms.errors import CodeRefused
from services.auth.platforms.oauth import Channel, Client, GrantRefused, Profile, Tokens, ensure_allowed


async def channel(client: Client, tokens: Tokens) -> Channel:
    """Raises PermissionMissing, ChannelMissing, CodeRefused."""
    ensure_allowed(tokens, client.platform.required_scopes)
    try:
        return await client.channel(tokens.access_token)
    except GrantRefused:
        raise CodeRefused from None


async def profile(client: Client, tokens: Tokens) -> Profile:
    """Raises PermissionMissing, ChannelMissing, CodeRefused."""
    try:
        return await client.profile(tokens.access_token)
    except GrantRefused:
        raise CodeRefused from None


async def profile_if_told(client: Client, tokens: Tokens) -> Profile | None:
    """Renewed tokens are not lost because their platform does not say whose they are."""
    try:
        return await client.profile(tokens.access_token)
    except (GrantRefused, Refusal):
        return None
