"""Row-level security: nobody sees a row that is not theirs, whatever a query forgets."""

from dataclasses import dataclass

import psycopg
import pytest
from sqlalchemy import ColumnElement, TableClause, column, delete, func, literal, select, table, text, update
from sqlalchemy.exc import ProgrammingError

from libs.database import SYSTEM, Database, Tenant
from libs.settings import DatabaseSettings
from tests.services.auth.filling import fill
from tests.services.auth.house import House, claims

PERSONS = (
    "user_account",
    "user_2fa",
    "user_pin",
    "payment_auth_log",
    "api_token",
    "session",
    "refresh_token",
    "user_profile",
    "passkey",
    "passkey_challenge",
    "platform_key",
    "platform_state",
    "sso_identity",
    "sso_session",
    "oauth_consent",
    "oauth_browser",
    "oauth_grant",
    "oauth_code",
    "oauth_refresh_token",
    "account_proof",
    "erasure",
    "personal_export",
    "known_place",
)
TENANTS = (
    "organization",
    "organization_member",
    "organization_role",
    "organization_invitation",
    "oauth_client",
    "api_key",
)
WALLED = (
    *PERSONS,
    *TENANTS,
    "signing_key",
    "data_key",
    "mail",
    "sign_in_throttle",
    "sso_flow",
    "sso_code",
    "sso_logout",
)
QUEUE = {f"procrastinate_{name}" for name in ("events", "jobs", "periodic_defers", "workers")}
PLUMBING = {"outbox", "alembic_version", *QUEUE}
BY_USERNAME = "EXPLAIN SELECT user_id FROM user_account WHERE username_key = 'a'"
BY_EMAIL = "EXPLAIN SELECT user_id FROM user_account WHERE email = 'a'"


@dataclass(frozen=True)
class Two:
    """Two people who have a row in every table."""

    one: Tenant
    other: Tenant


@pytest.fixture(scope="module")
async def two(auth: House) -> Two:
    tenants = []
    for _ in range(2):
        made = await auth.register()
        await fill(auth, made.user.user_id)
        tenants.append(Tenant(made.user.user_id, claims(made.token)["org"]))
    return Two(*tenants)


def called(name: str) -> TableClause:
    return table(name, column("user_id"))


async def count(database: Database, name: str, tenant: Tenant) -> int:
    async with database.transaction(tenant) as session:
        return int(await session.scalar(select(func.count()).select_from(called(name))) or 0)


async def test_every_table_is_behind_the_wall_or_known_as_plumbing(auth: House) -> None:
    rows = await auth.sql(
        "SELECT relname, relrowsecurity AND relforcerowsecurity AS walled FROM pg_class"
        " WHERE relnamespace = 'auth'::regnamespace AND relkind IN ('r', 'p')"
    )

    assert {row.relname for row in rows if row.walled} == set(WALLED)
    assert {row.relname for row in rows if not row.walled} == PLUMBING


@pytest.mark.parametrize("name", WALLED)
async def test_without_a_tenant_there_are_no_rows(auth: House, two: Two, name: str) -> None:
    assert await count(auth.database, name, SYSTEM) > 0
    assert await count(auth.database, name, Tenant()) == 0


@pytest.mark.parametrize("name", WALLED)
async def test_a_stranger_sees_none(auth: House, two: Two, name: str) -> None:
    stranger = Tenant(999_999, "11111111-2222-4333-8444-555555555555")

    assert await count(auth.database, name, stranger) == 0


@pytest.mark.parametrize("name", [*PERSONS, *TENANTS])
async def test_each_sees_their_own_alone(auth: House, two: Two, name: str) -> None:
    rows = 2 if name == "organization_role" else 1  # ADMIN and OPERATOR
    assert await count(auth.database, name, two.one) == rows
    assert await count(auth.database, name, two.other) == rows


async def test_people_see_their_own_memberships_whatever_they_act_for(auth: House, two: Two) -> None:
    assert await count(auth.database, "organization_member", Tenant(two.one.user_id)) == 1


@pytest.mark.parametrize("name", PERSONS)
async def test_anothers_rows_cannot_be_changed_or_deleted(auth: House, two: Two, name: str) -> None:
    theirs, before = called(name), await count(auth.database, name, SYSTEM)
    is_theirs: ColumnElement[bool] = theirs.c.user_id == two.other.user_id

    async with auth.database.transaction(two.one) as session:
        changed = update(theirs).where(is_theirs).values(user_id=theirs.c.user_id).returning(literal(1))
        deleted = delete(theirs).where(is_theirs).returning(literal(1))
        assert (await session.execute(changed)).all() == []
        assert (await session.execute(deleted)).all() == []

    assert await count(auth.database, name, SYSTEM) == before


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO user_pin (user_id, pin_hash) VALUES (:user_id, 'x') ON CONFLICT DO NOTHING",
        "INSERT INTO api_token (user_id, token, token_type, expires_at) VALUES (:user_id, 'mine', 'api', now())",
        "INSERT INTO organization_member VALUES (:organization_id, :own_id, 'ADMIN')",
        "INSERT INTO organization (name, slug, is_personal) VALUES ('x', 'x-of-mine', false)",
    ],
)
async def test_rows_cannot_be_written_for_another(auth: House, two: Two, statement: str) -> None:
    values = {
        "user_id": two.other.user_id,
        "own_id": two.one.user_id,
        "organization_id": two.other.organization_id,
    }

    with pytest.raises(ProgrammingError, match="row-level security"):
        async with auth.database.transaction(two.one) as session:
            await session.execute(text(statement), values)


async def test_nobody_moves_their_membership_to_another_organization(auth: House, two: Two) -> None:
    async with auth.database.transaction(Tenant(two.one.user_id)) as session:
        moved = await session.execute(
            text("UPDATE organization_member SET organization_id = :id RETURNING 1"), {"id": two.other.organization_id}
        )
        assert moved.all() == []


async def test_the_logins_role_owns_nothing_and_passes_no_wall(settings: DatabaseSettings, auth: House) -> None:
    dsn = settings.dsn.get_secret_value()
    with psycopg.connect(dsn) as server:
        (role,) = server.execute("SELECT current_user").fetchone() or ("",)
        flags = server.execute(
            "SELECT rolsuper, rolbypassrls, rolcreaterole, rolcreatedb FROM pg_roles WHERE rolname = current_user"
        ).fetchone()
        owners = server.execute("SELECT DISTINCT tableowner FROM pg_tables WHERE schemaname = 'auth'").fetchall()

        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            server.execute("ALTER TABLE user_account DISABLE ROW LEVEL SECURITY")

    assert role == "auth_app"
    assert flags == (False, False, False, False)
    assert owners == [("auth_owner",)]


async def test_signing_in_finds_people_by_an_index_through_the_wall(auth: House) -> None:
    """A condition with a function that is not leakproof, lower() say, would read the whole table instead."""
    async with auth.database.transaction(SYSTEM) as session:
        await session.execute(text("SET LOCAL enable_seqscan = off"))
        for query in (BY_USERNAME, BY_EMAIL):
            plan = await session.scalars(text(query))
            assert "Index Cond" in "\n".join(plan)
