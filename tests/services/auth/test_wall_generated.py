"""The wall between tenants, walked: every route of auth, asked by every kind of stranger for every thing of a tenant.

Generated from the route tables: a new route is walked as it is, and one that names a thing in a field that is not known
here fails `test_every_id_of_every_route_is_known` until tests/services/auth/estate.py makes such a thing.
"""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from google.protobuf.json_format import MessageToJson
from google.protobuf.message import Message
from orrery.identity.v1.identity_pb2 import Credential, Identity
from orrery.options.v1.options_pb2 import Caller
from sqlalchemy import text

from gateway.router import Route
from libs.database import SYSTEM, Database, Tenant
from libs.errors import Forbidden, NotFound, Precondition, Refusal, Unauthenticated
from libs.rpc import Passage
from tests.services.auth.estate import EXPLICIT, Estate, asked, estate, id_fields, routes, strangers, unknown_ids
from tests.services.auth.house import House, Visitor
from tests.services.auth.organizations.people import Person, permission

STRANGERS = (
    "the owner of another",
    "an operator of another",
    "a custom role of another",
    "a key of another",
    "a token of another",
    "somebody without an organization",
    "nobody",
)
WALKED = [route for route in routes() if id_fields(route.method) and route.method.name not in EXPLICIT]
READS = [route for route in routes() if route.verb == "GET" and not id_fields(route.method)]
OWNED = """
SELECT table_name, array_agg(column_name::text ORDER BY column_name) AS columns FROM information_schema.columns
WHERE table_schema = 'auth' AND column_name IN ('organization_id', 'user_id') AND table_name <> 'outbox'
AND table_name NOT LIKE 'procrastinate%' GROUP BY table_name ORDER BY table_name
"""
BY_ID = ("/api/v1/organizations/", "/api/v1/tenants/", "/api/v1/users/")
"""Where whoever is signed in is told nothing but that there is no such thing."""
MEMBERS_ALONE = {"ListMembers", "GetMember", "ListRoles", "GetRole", "GetOrganization", "GetTenant", "GetEmbedSnippet"}
"""What every member may ask, whatever the role; GetUser shows an OPERATOR little, and a custom role nothing."""


@pytest.fixture(scope="module")
async def owned(auth: House) -> Estate:
    return await estate(auth)


@pytest.fixture(scope="module")
async def knocking(auth: House) -> dict[str, Identity]:
    return await strangers(auth)


async def ask(auth: House, route: Route, request: Message, identity: Identity) -> Message | Refusal:
    copy = Identity()
    copy.CopyFrom(identity)
    try:
        return await auth.calls[route.method.name](request, Passage(auth.signer.sign(copy)))
    except Refusal as refusal:
        return refusal


def said(answer: Message | Refusal) -> str:
    """All that a caller reads of an answer."""
    if isinstance(answer, Refusal):
        return json.dumps([answer.message, answer.details, [str(one) for one in answer.violations]])
    return MessageToJson(answer, ensure_ascii=False)


def given(request: Message) -> set[str]:
    """The texts that the caller sent; hearing them again tells nothing."""
    return {value for _, value in request.ListFields() if isinstance(value, str)}


async def rows(auth: House, owned: Estate) -> dict[str, Any]:
    """A digest of every row that is the tenant's or one of its people's."""
    people = [owned.made.owner.user_id, owned.operator.user_id]
    found: dict[str, Any] = {}
    for table in await auth.sql(OWNED):
        is_theirs = " OR ".join(
            "organization_id = CAST(:tenant AS uuid)" if one == "organization_id" else "user_id = ANY(:people)"
            for one in table.columns
        )
        query = f"SELECT coalesce(md5(string_agg(t::text, '|' ORDER BY t::text)), '') AS digest FROM {table.table_name} t WHERE {is_theirs}"  # noqa: S608, E501  # names of our own tables
        found[table.table_name] = (await auth.sql(query, **bound(query, owned.made.id, people)))[0].digest
    query = "SELECT md5(t::text) AS digest FROM organization t WHERE id = CAST(:tenant AS uuid)"
    return {**found, "organization": (await auth.sql(query, tenant=owned.made.id))[0].digest}


def bound(query: str, tenant: str, people: list[int]) -> dict[str, Any]:
    return {name: value for name, value in (("tenant", tenant), ("people", people)) if f":{name}" in query}


def test_every_id_of_every_route_is_known(owned: Estate) -> None:
    assert [missing for route in routes() for missing in unknown_ids(route, owned.ids)] == []


def test_the_walk_is_long() -> None:
    assert len(WALKED) >= 40
    assert {route.method.containing_service.name for route in WALKED} >= {
        "OrganizationsService",
        "MembersService",
        "InvitationsService",
        "RolesService",
        "UsersService",
        "TenantsService",
        "ApiKeysService",
    }


@pytest.mark.parametrize("stranger", STRANGERS)
async def test_no_stranger_reaches_a_thing_of_the_tenant(
    auth: House, owned: Estate, knocking: dict[str, Identity], stranger: str
) -> None:
    before = await rows(auth, owned)
    identity, wrong = knocking[stranger], []

    for route in WALKED:
        request = asked(route, owned.ids)
        answer = await ask(auth, route, request, identity)
        leaked = [mark for mark in owned.marks if mark not in given(request) and mark in said(answer)]
        if leaked or not isinstance(answer, refusals(route, identity)):
            wrong.append((route.id, repr(answer), leaked))

    assert wrong == []
    assert {name: digest for name, digest in (await rows(auth, owned)).items() if digest != before[name]} == {}


def refusals(route: Route, identity: Identity) -> tuple[type[Refusal], ...]:
    """Who is signed in is told that there is no such thing, or that their credential is for something else."""
    if not identity.user_id:
        return (Unauthenticated,)
    if identity.credential != Credential.CREDENTIAL_SESSION and route.access.caller == Caller.CALLER_SESSION:
        return (Forbidden,)
    if route.method.name == "UpdateUser":
        return (Forbidden,)
    return (NotFound,) if route.path.startswith(BY_ID) else (NotFound, Forbidden)


@pytest.mark.parametrize("stranger", STRANGERS)
async def test_no_list_shows_a_stranger_anything_of_the_tenant(
    auth: House, owned: Estate, knocking: dict[str, Identity], stranger: str
) -> None:
    leaks = []
    for route in READS:
        answer = said(await ask(auth, route, asked(route, {}), knocking[stranger]))
        leaks += [(route.id, mark) for mark in owned.marks if mark in answer]

    assert leaks == []


async def test_who_was_removed_is_a_stranger_even_with_a_token_of_before(auth: House, owned: Estate) -> None:
    former = await owned.made.hire("ADMIN")
    stale = Visitor(token=former.token).identity()
    await remove(owned, former)
    wrong = []

    for route in WALKED:
        if route.method.containing_service.name not in OF_ORGANIZATIONS:
            continue
        answer = await ask(auth, route, asked(route, owned.ids), stale)
        if not isinstance(answer, NotFound | Forbidden):
            wrong.append((route.id, repr(answer)))

    assert wrong == []


OF_ORGANIZATIONS = {
    "OrganizationsService",
    "MembersService",
    "InvitationsService",
    "RolesService",
    "UsersService",
    "TenantsService",
    "ApiKeysService",
}


async def remove(owned: Estate, who: Person) -> None:
    query = "DELETE FROM organization_member WHERE user_id = :user AND organization_id = CAST(:tenant AS uuid)"
    await owned.made.auth.sql(query, user=who.user_id, tenant=owned.made.id)


async def test_its_own_admin_gets_past_the_wall_with_the_very_same_requests(auth: House, owned: Estate) -> None:
    """Else the walk would prove nothing: a read answers, and a write with an outdated version is told just that."""
    identity = Visitor(token=owned.made.owner.token).identity()
    wrong = []

    for route in WALKED:
        request = asked(route, owned.ids)
        has_version = "expected_version" in route.method.input_type.fields_by_name
        if has_version:
            setattr(request, "expected_version", 999)  # noqa: B010  # of any request
        if route.verb == "GET" or (has_version and route.method.name not in NOT_THE_OWNERS):
            answer = await ask(auth, route, request, identity)
            if not isinstance(answer, Precondition if has_version else Message):
                wrong.append((route.id, repr(answer)))

    assert wrong == []


NOT_THE_OWNERS = {"UpdateOrganization", "UpdateUser"}  # with a status, which is a platform administrator's


@pytest.mark.parametrize("role", ["OPERATOR", "Nothing"])
async def test_members_reach_no_more_than_their_role_permits(auth: House, owned: Estate, role: str) -> None:
    if role == "Nothing":
        await owned.made.role(role, permission("orders", "read"))
    member = Visitor(token=(await owned.made.hire(role)).token).identity()
    before, wrong = await rows(auth, owned), []

    for route in WALKED:
        if route.method.name in MEMBERS_ALONE | {"GetUser", "LeaveOrganization"}:
            continue
        answer = await ask(auth, route, asked(route, owned.ids), member)
        if not isinstance(answer, NotFound | Forbidden):
            wrong.append((route.id, repr(answer)))

    assert wrong == []
    assert {name: digest for name, digest in (await rows(auth, owned)).items() if digest != before[name]} == {}


async def test_without_a_tenant_no_table_shows_a_row(auth: House, owned: Estate) -> None:
    shown = []
    for table in await tables(auth):
        for nobody in (Tenant(), Tenant(999_999), Tenant(0, "11111111-2222-4333-8444-555555555555")):
            shown += [(table, nobody)] * await count(auth.database, table, nobody)

    assert shown == []


async def test_a_stranger_cannot_see_change_or_delete_a_row_of_the_tenant(
    auth: House, owned: Estate, knocking: dict[str, Identity]
) -> None:
    before = await rows(auth, owned)
    other = knocking["the owner of another"]
    for table in await auth.sql(OWNED):
        for column in table.columns:
            value = owned.made.id if column == "organization_id" else str(owned.made.owner.user_id)
            for statement in touching(table.table_name, column):
                async with auth.database.transaction(Tenant(other.user_id, other.organization_id)) as session:
                    touched = (await session.execute(text(statement), {"value": value})).all()
                assert touched == [], statement

    assert await rows(auth, owned) == before


def touching(table: str, column: str) -> Iterator[str]:
    yield f"SELECT 1 FROM {table} WHERE {column}::text = :value"  # noqa: S608  # names of our own tables
    yield f"UPDATE {table} SET {column} = {column} WHERE {column}::text = :value RETURNING 1"  # noqa: S608  # the same
    yield f"DELETE FROM {table} WHERE {column}::text = :value RETURNING 1"  # noqa: S608  # the same


async def test_colleagues_see_each_other_and_change_nothing(auth: House, owned: Estate) -> None:
    operator = Tenant(owned.operator.user_id, owned.made.id)
    owner = owned.made.owner.user_id

    async with auth.database.transaction(operator) as session:
        seen = await session.scalars(text("SELECT user_id FROM user_account ORDER BY user_id"))
        assert set(seen) >= {owned.operator.user_id, owner}
        for table in ("user_account", "user_2fa", "user_profile"):
            for statement in list(touching(table, "user_id"))[1:]:
                assert (await session.execute(text(statement), {"value": str(owner)})).all() == []


async def tables(auth: House) -> list[str]:
    """Everything behind a wall; tests/services/auth/test_walls.py knows what is not."""
    query = "SELECT relname FROM pg_class WHERE relnamespace = 'auth'::regnamespace AND relforcerowsecurity"
    return [row.relname for row in await auth.sql(query)]


async def count(database: Database, table: str, tenant: Tenant) -> int:
    async with database.transaction(tenant) as session:
        return int(await session.scalar(text(f"SELECT count(*) FROM {table}")) or 0)  # noqa: S608  # our own table


async def test_the_service_itself_sees_all(auth: House, owned: Estate) -> None:
    assert await count(auth.database, "organization", SYSTEM) >= 2
