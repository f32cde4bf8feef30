"""What can be done with OAuth clients, and with what people allowed them."""

from dataclasses import replace
from typing import Any
from uuid import UUID

from orrery.auth.oauth.v1 import events_pb2 as events

from libs import outbox
from libs.database import Session
from libs.database.tenant import Caller
from services.auth.accounts.repository import Accounts
from services.auth.oauth import operations as grants
from services.auth.oauth_clients import client_secrets
from services.auth.oauth_clients.errors import (
    OauthClientAdminOnly,
    OauthClientChanged,
    OauthClientHasNoSecret,
    TooManyOauthClients,
)
from services.auth.oauth_clients.models import OAuthClient
from services.auth.oauth_clients.repository import Clients, Consents
from services.auth.oauth_clients.rules import MOST_CLIENTS, Registration, admit
from services.auth.organizations.models import Role

FIELDS = ("name", "redirect_uris", "post_logout_redirect_uris", "grant_types", "scopes")


async def ensure_admin(session: Session, caller: Caller) -> None:
    """Raise OauthClientAdminOnly unless the caller is an ADMIN of the organization now, whatever their token says."""
    holder = await Accounts(session).holder(caller.user_id, UUID(caller.organization_id))
    if holder is None or holder.role != Role.ADMIN:
        raise OauthClientAdminOnly


async def create(session: Session, caller: Caller, asked: Registration) -> tuple[OAuthClient, str | None]:
    """Register an app; the second is its secret, unless it is public."""
    made = admit(asked)
    clients = Clients(session)
    if await clients.count(caller.organization_id) >= MOST_CLIENTS:
        raise TooManyOauthClients(MOST_CLIENTS)
    secret = None if made.is_public else client_secrets.make()
    client = await clients.add(
        OAuthClient(
            organization_id=UUID(caller.organization_id),
            created_by=caller.user_id,
            secret_hash=client_secrets.hashed(secret) if secret else None,
            is_public=made.is_public,
            **registered(made),
        )
    )
    told = events.ClientCreated(
        number=client.number, client_id=str(client.id), is_public=client.is_public, **shown(client)
    )
    outbox.publish(session, told, key=str(client.id))
    return client, secret


async def update(
    session: Session, caller: Caller, client_id: str, changes: Registration, version: int | None
) -> OAuthClient:
    """Change what is given: an empty name or list stays as it is. Tells nobody where nothing changed."""
    client = await of_version(session, caller, client_id, version)
    present = Registration(is_public=client.is_public, **{name: getattr(client, name) for name in FIELDS})
    wanted = replace(present, **{name: new for name in FIELDS if (new := getattr(changes, name))})
    changed = [name for name, new in registered(admit(wanted)).items() if new != getattr(client, name)]
    if not changed:
        return client
    for name in changed:
        setattr(client, name, registered(admit(wanted))[name])
    await bump(session, client)
    told = events.ClientUpdated(number=client.number, client_id=client_id, changed=changed, **shown(client))
    outbox.publish(session, told, key=client_id)
    return client


async def rotate_secret(
    session: Session, caller: Caller, client_id: str, version: int | None
) -> tuple[OAuthClient, str]:
    """Exchange the secret; raises OauthClientHasNoSecret of a public client."""
    client = await of_version(session, caller, client_id, version)
    if client.is_public:
        raise OauthClientHasNoSecret
    secret = client_secrets.make()
    client.secret_hash = client_secrets.hashed(secret)
    await bump(session, client)
    told = events.ClientSecretRotated(number=client.number, client_id=client_id)
    outbox.publish(session, told, key=client_id)
    return client, secret


async def remove(session: Session, caller: Caller, client_id: str, version: int | None) -> OAuthClient:
    """Delete a client; what it holds ends and is deleted with it. The transaction must see all people's grants."""
    client = await of_version(session, caller, client_id, version)
    await grants.end_all(session, client.id, grants.CLIENT_DELETED)
    await session.delete(client)
    await session.flush()
    told = events.ClientDeleted(number=client.number, client_id=client_id, name=client.name)
    outbox.publish(session, told, key=client_id)
    return client


async def withdraw(session: Session, caller: Caller, client_id: str) -> None:
    """Take back a person's consent; every grant that stood on it ends."""
    withdrawn = await Consents(session, caller.user_id).withdraw(client_id)
    await grants.end_all(session, withdrawn, grants.WITHDRAWN, user_id=caller.user_id)
    told = events.ConsentWithdrawn(user_id=caller.user_id, client_id=client_id)
    outbox.publish(session, told, key=str(caller.user_id))


async def of_version(session: Session, caller: Caller, client_id: str, version: int | None) -> OAuthClient:
    """The organization's client, locked; raises OauthClientNotFound, and OauthClientChanged where it is another one."""
    client = await Clients(session).get(caller.organization_id, client_id, lock=True)
    if version is not None and client.version != version:
        raise OauthClientChanged
    return client


async def bump(session: Session, client: OAuthClient) -> None:
    client.version += 1
    await session.flush()
    await session.refresh(client)


def registered(made: Registration) -> dict[str, object]:
    """The columns of a registration that can be changed."""
    return {name: getattr(made, name) for name in FIELDS}


def shown(client: OAuthClient) -> dict[str, Any]:
    """The fields that events tell of a client."""
    return {name: getattr(client, name) for name in ("name", "redirect_uris", "grant_types", "scopes")}
