"""What can be done with accounts."""

from dataclasses import dataclass

from orrery.auth.accounts.v1 import events_pb2 as events

from libs import outbox
from libs.database import Session, Tenant
from services.auth.accounts.errors import EmailTaken, UsernameTaken
from services.auth.accounts.holder import Holder, Me
from services.auth.accounts.models import Account
from services.auth.accounts.repository import Accounts
from services.auth.accounts.rules import LONGEST_NAME, Applicant, username_violations
from services.auth.conflicts import conflicts
from services.auth.fields import name_violations, refuse
from services.auth.invitations import operations as invitations
from services.auth.invitations.operations import Ticket
from services.auth.organizations import operations as organizations
from services.auth.organizations.models import Role
from services.auth.organizations.operations import Charter

TAKEN = {
    "uq_user_account_username": UsernameTaken,
    "uq_user_account_username_key": UsernameTaken,
    "uq_user_account_email": EmailTaken,
    "ix_user_account_lower_email": EmailTaken,
}


@dataclass(frozen=True, slots=True)
class Changes:
    """What a person changes of their account; None stays."""

    username: str | None = None
    display_name: str | None = None


async def ensure_free(session: Session, applicant: Applicant, way: Charter | Ticket) -> None:
    """Refuse names that are taken before a password is hashed for nothing; the indexes decide races later."""
    others = await Accounts(session).named(applicant.username, applicant.email)
    if any(other.username_key == applicant.username.lower() for other in others):
        raise UsernameTaken
    if others:
        raise EmailTaken
    if isinstance(way, Ticket):
        await invitations.usable(session, way.token, applicant.email)
    else:
        await organizations.ensure_free(session, way)


async def create(session: Session, applicant: Applicant, password_hash: str, way: Charter | Ticket) -> Holder:
    """Make the account, and its organization or its membership of the one that invited it.

    Raises UsernameTaken, EmailTaken, DomainTaken, InvitationNotFound, InvitationForAnother.
    """
    account = Account(
        username=applicant.username,
        email=applicant.email,
        password_hash=password_hash,
        display_name=applicant.display_name,
        language=applicant.language,
    )
    with conflicts(TAKEN):
        await Accounts(session).add(account)
    organization_id, role = await settle(session, account, way)
    holder = Holder(Me.of(account), organization_id, role)
    registered = events.AccountRegistered(
        user_id=account.user_id, id=str(account.id), username=account.username, organization_id=organization_id
    )
    outbox.publish(session, registered, key=str(account.user_id), by=holder)
    return holder


async def settle(session: Session, account: Account, way: Charter | Ticket) -> tuple[str, str]:
    """The organization that a new account belongs to, and its role there."""
    if isinstance(way, Charter):
        return str(await organizations.found(session, way, founder=account.user_id)), Role.ADMIN
    found = await invitations.usable(session, way.token, account.email)
    by = Tenant(account.user_id, str(found.organization_id))
    joined = await invitations.join(session, found, account.user_id, by=by)
    return by.organization_id, joined.role


async def update(session: Session, user_id: int, changes: Changes) -> Me:
    """Change username or display name; tells nobody where nothing changed.

    Raises Invalid, UsernameTaken, AccountGone.
    """
    refuse(
        *(username_violations(changes.username) if changes.username is not None else ()),
        *name_violations("display_name", changes.display_name, LONGEST_NAME),
    )
    account = await Accounts(session).get_active(user_id)
    told = events.AccountUpdated(
        user_id=user_id,
        id=str(account.id),
        previous_username=account.username,
        previous_display_name=account.shown_name,
    )
    account.username = changes.username or account.username
    account.display_name = changes.display_name or account.display_name
    with conflicts(TAKEN):
        await session.flush()
    told.username, told.display_name = account.username, account.shown_name
    if (told.username, told.display_name) != (told.previous_username, told.previous_display_name):
        outbox.publish(session, told, key=str(user_id))
    return Me.of(account)
