"""From a subject of an issuer to an account of ours, as a member of the provider's organization."""

from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from orrery.auth.accounts.v1.events_pb2 import AccountRegistered
from orrery.auth.sso.v1 import events_pb2 as events

from libs import outbox
from libs.database import Session
from services.auth.accounts.holder import Holder
from services.auth.accounts.models import Account
from services.auth.accounts.repository import Accounts
from services.auth.sessions.invalidation import Kind, invalidate, membership
from services.auth.sso import newcomer
from services.auth.sso.errors import (
    SsoAccountExists,
    SsoAccountInactive,
    SsoDomainRefused,
    SsoGroupMissing,
    SsoOrganizationMissing,
    SsoRoleMissing,
)
from services.auth.sso.provider import SsoProviderSettings
from services.auth.sso.repository import Identities, Newcomers
from services.auth.sso.tokens import Person

NO_PASSWORD = "!"  # noqa: S105  # no hash: nothing matches it
TRIES = 5
NEVER = datetime.fromtimestamp(0, UTC)
ROLE_MAPPED = "sso_role_mapped"


@dataclass(frozen=True, slots=True)
class Mapped:
    """Who a subject is here."""

    identity_id: UUID
    holder: Holder
    organization_id: UUID


@dataclass(frozen=True, slots=True)
class Found:
    """The account of a subject, and when the issuer said what its role was last mapped from."""

    identity_id: UUID
    user_id: int
    mapped_at: datetime = NEVER
    linked: events.SsoIdentityLinked | None = None


async def map_account(session: Session, provider: SsoProviderSettings, said: Person) -> Mapped:
    """Find or make the account, let the groups say its role; runs inside a transaction of the service itself.

    Raises SsoDomainRefused, SsoGroupMissing, SsoAccountExists, SsoAccountInactive, and, where the deployment's settings
    name what there is not, SsoOrganizationMissing and SsoRoleMissing.
    """
    role = provider.role_of(said.claims)
    if role is None:
        raise SsoGroupMissing
    if not newcomer.is_welcome(provider, said):
        raise SsoDomainRefused
    organization_id = await Newcomers(session).organization(provider.organization)
    if organization_id is None:
        raise SsoOrganizationMissing
    found = await find(session, provider, said)
    previous = await give_role(session, found, organization_id, role, moment(said))
    holder = await Accounts(session).holder(found.user_id, organization_id)
    if holder is None:
        raise SsoAccountInactive
    tell(session, provider, found, previous, holder)
    return Mapped(found.identity_id, holder, organization_id)


async def find(session: Session, provider: SsoProviderSettings, said: Person) -> Found:
    """The subject's account, locked; bound or made at first sight."""
    identities = Identities(session)
    known = await identities.find(provider.issuer, said.sub, lock=True)
    if known is None:
        await identities.wait(provider.issuer, said.sub)
        known = await identities.find(provider.issuer, said.sub, lock=True)
    if known:
        return Found(known.id, known.user_id, known.mapped_at)
    existing = await existing_account(session, provider, said)
    user_id = existing.user_id if existing else await new_account(session, provider, said)
    identity_id = await identities.add(provider.issuer, said.sub, user_id, NEVER)
    if identity_id is None:
        raise SsoAccountExists
    linked = events.SsoIdentityLinked(
        user_id=user_id,
        provider=provider.name,
        issuer=provider.issuer,
        subject=said.sub,
        is_new_account=existing is None,
    )
    return Found(identity_id, user_id, linked=linked)


async def existing_account(session: Session, provider: SsoProviderSettings, said: Person) -> Account | None:
    """The account to bind by its address; raises SsoAccountExists where there is one that must not be bound."""
    email = newcomer.address(said)
    account = await Newcomers(session).with_email(email) if email else None
    if account is None:
        return None
    is_proven = provider.link_by_email and said.has_verified_email and account.email_verified_at is not None
    if not is_proven or account.is_admin:  # whoever runs an issuer shall not come to run this platform
        raise SsoAccountExists
    return account


async def new_account(session: Session, provider: SsoProviderSettings, said: Person) -> int:
    """Make an account without a password. Raises SsoAccountExists where somebody registers the address right now."""
    email = newcomer.address(said)
    is_verified = provider.link_by_email and said.has_verified_email and email is not None
    row = {
        "email": email or newcomer.stand_in(provider, said.sub),
        "password_hash": NO_PASSWORD,
        "display_name": newcomer.display_name(said),
        "email_verified_at": datetime.now(UTC) if is_verified else None,
    }
    for username in newcomer.usernames(said, TRIES):
        if made := await Newcomers(session).add({**row, "username": username}):
            return made.user_id
    raise SsoAccountExists


async def give_role(session: Session, found: Found, organization_id: UUID, role: str, said_at: datetime) -> str | None:
    """Let the newest word of the issuer count; whoever owns the organization keeps their role all the same.

    The role before ("" for none) where it changed, None where it stays. Raises SsoRoleMissing.
    """
    newcomers = Newcomers(session)
    if said_at < found.mapped_at:
        return None
    previous = await newcomers.role(organization_id, found.user_id)
    await Identities(session).note_mapped(found.identity_id, said_at)
    if previous == role or await newcomers.owns(organization_id, found.user_id):
        return None
    if not await newcomers.has_role(organization_id, role):
        raise SsoRoleMissing
    await newcomers.join(organization_id, found.user_id, role)
    return previous or ""


def tell(session: Session, provider: SsoProviderSettings, found: Found, previous: str | None, holder: Holder) -> None:
    """Stage the news of what was made and changed."""
    key, account = str(found.user_id), holder.account
    if found.linked:
        if found.linked.is_new_account:
            registered = AccountRegistered(
                user_id=found.user_id,
                id=str(account.id),
                username=account.username,
                organization_id=holder.organization_id,
            )
            outbox.publish(session, registered, key=key, by=holder)
        outbox.publish(session, found.linked, key=key, by=holder)
    if previous is None:
        return
    mapped = events.SsoRoleMapped(
        user_id=found.user_id,
        organization_id=holder.organization_id,
        provider=provider.name,
        role=holder.role,
        previous_role=previous,
    )
    outbox.publish(session, mapped, key=key, by=holder)
    if previous:
        name = membership(holder.organization_id, found.user_id)
        invalidate(session, Kind.MEMBERSHIP, name, ROLE_MAPPED, user_id=found.user_id, by=holder)


def moment(said: Person) -> datetime:
    return datetime.fromtimestamp(said.iat, UTC)
