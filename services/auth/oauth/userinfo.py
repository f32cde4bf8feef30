"""Claims about a token's person (OpenID Connect Core §5.3): as far as the token's scopes go."""

from uuid import UUID

from orrery.auth.v1 import oauth_pb2 as pb
from orrery.identity.v1.identity_pb2 import Identity

from libs.database import SYSTEM, Database
from services.auth.accounts.repository import Accounts
from services.auth.oauth.browsers.repository import People, Profile
from services.auth.oauth.errors import InsufficientScope, InvalidToken
from services.auth.oauth_clients.scopes import EMAIL, OPENID, PROFILE


async def claims(database: Database, caller: Identity) -> pb.UserInfo:
    """Raises InvalidToken of who may not act, InsufficientScope. A person's own session is told all."""
    if not caller.user_id:
        raise InvalidToken
    scopes = {OPENID, PROFILE, EMAIL} if caller.session_id else set(caller.scopes)
    if OPENID not in scopes:
        raise InsufficientScope
    async with database.transaction(SYSTEM) as session:
        if await Accounts(session).holder(caller.user_id, UUID(caller.organization_id)) is None:
            raise InvalidToken
        profile = await People(session).profile(caller.user_id)
    return told(profile, scopes)


def told(profile: Profile, scopes: set[str]) -> pb.UserInfo:
    made = pb.UserInfo(sub=str(profile.id))
    if PROFILE in scopes:
        made.name, made.preferred_username = profile.shown_name, profile.username
        made.updated_at = int(profile.updated_at.timestamp())
    if EMAIL in scopes:
        made.email, made.email_verified = profile.email, profile.is_verified
    return made
