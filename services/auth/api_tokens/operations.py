"""What can be done with API tokens."""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from orrery.auth.api_tokens.v1 import events_pb2 as events
from orrery.identity.v1.identity_pb2 import Identity

from libs import outbox
from libs.database import Session
from libs.rpc.credentials import TOKEN, make
from services.auth.accounts.repository import Accounts
from services.auth.api_tokens import rules
from services.auth.api_tokens.errors import ApiTokenNotFound, TooManyTokens
from services.auth.api_tokens.models import ApiToken
from services.auth.api_tokens.repository import ApiTokens
from services.auth.moments import rfc3339
from services.auth.sessions.invalidation import Kind, invalidate

MOST = 50
OWNER, LEFT = "owner", "left_organization"


@dataclass(frozen=True, slots=True)
class Issued:
    """A token and, this once, its value."""

    token: ApiToken
    value: str


async def issue(session: Session, caller: Identity, scopes: list[str], lifetime: timedelta) -> Issued:
    """Issue a token for known scopes. Raises ScopeNotHeld, TooManyTokens, AccountGone."""
    rules.ensure_held(caller, scopes)
    await Accounts(session).get_active(caller.user_id)  # locked: two requests at once cannot both be the last allowed
    tokens = ApiTokens(session, caller.user_id)
    if await tokens.live() >= MOST:
        raise TooManyTokens(MOST)
    value = make(TOKEN)
    token = await tokens.add(value, scopes, UUID(caller.organization_id), lifetime)
    told = events.ApiTokenIssued(
        user_id=caller.user_id, token_id=token.token_id, scopes=scopes, expires_at=rfc3339(token.expires_at)
    )
    outbox.publish(session, told, key=str(caller.user_id))
    return Issued(token, value)


async def revoke(session: Session, user_id: int, token_id: int) -> None:
    """End a token of the person's; one that has ended stays so, and nobody is told again. Raises ApiTokenNotFound."""
    tokens = ApiTokens(session, user_id)
    if await tokens.revoke(token_id):
        tell_revoked(session, user_id, token_id, OWNER)
    elif not await tokens.has(token_id):
        raise ApiTokenNotFound


async def revoke_in(session: Session, user_id: int, organization_id: UUID) -> None:
    """End the tokens by which somebody acted in an organization that they leave."""
    for token_id in await ApiTokens(session, user_id).revoke_in(organization_id):
        tell_revoked(session, user_id, token_id, LEFT)


def tell_revoked(session: Session, user_id: int, token_id: int, reason: str) -> None:
    revoked = events.ApiTokenRevoked(user_id=user_id, token_id=token_id, reason=reason)
    outbox.publish(session, revoked, key=str(user_id))
    invalidate(session, Kind.API_TOKEN, token_id, reason, user_id=user_id)


def note_refusal(session: Session, caller: Identity, reason: str) -> None:
    """Tell that none was issued."""
    refused = events.ApiTokenRefused(user_id=caller.user_id, reason=reason, address=caller.address)
    outbox.publish(session, refused, key=str(caller.user_id))
