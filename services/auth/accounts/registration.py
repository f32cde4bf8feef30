"""Registering: names are checked, the password is hashed, the account is made. Hashing takes 50 ms of a core, and no
transaction is open meanwhile."""

from libs.database import SYSTEM, Database
from services.auth.accounts import operations
from services.auth.accounts.holder import Holder
from services.auth.accounts.passwords import Passwords
from services.auth.accounts.rules import Applicant
from services.auth.organizations.operations import Charter
from services.auth.sessions import operations as sessions
from services.auth.sessions.client import Client
from services.auth.sessions.operations import Entry


async def register(
    database: Database, passwords: Passwords, applicant: Applicant, charter: Charter, client: Client
) -> Entry:
    """Make an account with its organization and sign it in."""
    password_hash = await prepare(database, passwords, applicant, charter)
    async with database.transaction(SYSTEM) as session:
        holder = await operations.create(session, applicant, password_hash, charter)
        return await sessions.start(session, holder, client)


async def register_tenant(database: Database, passwords: Passwords, applicant: Applicant, charter: Charter) -> Holder:
    """Make an account with its organization; it signs in later."""
    password_hash = await prepare(database, passwords, applicant, charter)
    async with database.transaction(SYSTEM) as session:
        return await operations.create(session, applicant, password_hash, charter)


async def prepare(database: Database, passwords: Passwords, applicant: Applicant, charter: Charter) -> str:
    """The password's hash, once nothing is seen to be taken."""
    async with database.transaction(SYSTEM) as session:
        await operations.ensure_free(session, applicant, charter)
    return await passwords.hash(applicant.password)
