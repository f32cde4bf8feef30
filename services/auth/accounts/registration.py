"""Registering: names are checked, the password is hashed, the account is made. Hashing takes 50 ms of a core, and no
transaction is open meanwhile."""

from libs.database import SYSTEM, Database, Session
from services.auth.accounts import operations
from services.auth.accounts.holder import Holder
from services.auth.accounts.passwords import Passwords
from services.auth.accounts.rules import Applicant
from services.auth.invitations import operations as invitations
from services.auth.invitations.errors import InvitationForAnother, InvitationNotFound
from services.auth.invitations.operations import Ticket
from services.auth.organizations.operations import Charter
from services.auth.recovery.models import Purpose
from services.auth.recovery.operations import mail_token
from services.auth.recovery.repository import Secrets
from services.auth.sessions import operations as sessions
from services.auth.sessions.client import Client
from services.auth.sessions.operations import Entry
from services.auth.throttles import arrivals
from services.auth.throttles.places import share


async def register(
    database: Database, passwords: Passwords, applicant: Applicant, charter: Charter, client: Client
) -> Entry:
    """Make an account with its organization and sign it in."""
    password_hash = await prepare(database, passwords, applicant, charter, client)
    async with database.transaction(SYSTEM) as session:
        holder = await operations.create(session, applicant, password_hash, charter)
        await greet(session, holder)
        return await sessions.start(session, holder, client)


async def register_tenant(
    database: Database, passwords: Passwords, applicant: Applicant, way: Charter | Ticket, client: Client
) -> Holder:
    """Make an account with its organization, or in the one that invited it; it signs in later."""
    password_hash = await prepare(database, passwords, applicant, way, client)
    async with database.transaction(SYSTEM) as session:
        holder = await operations.create(session, applicant, password_hash, way)
        await greet(session, holder)
        await arrivals.note(session, holder.account, client)
        return holder


async def greet(session: Session, holder: Holder) -> None:
    """Ask by mail whether the address is theirs."""
    if account := await Secrets(session).active(holder.user_id):
        await mail_token(session, account, Purpose.VERIFY_EMAIL, account.email)


async def prepare(
    database: Database, passwords: Passwords, applicant: Applicant, way: Charter | Ticket, client: Client
) -> str:
    """The password's hash, once nothing is seen to be taken."""
    try:
        async with database.transaction(SYSTEM) as session:
            await operations.ensure_free(session, applicant, way)
    except (InvitationNotFound, InvitationForAnother) as refusal:
        await invitations.note_refusal(database, 0, None, refusal)
        raise
    return await passwords.hash(applicant.password, share(client.address))
