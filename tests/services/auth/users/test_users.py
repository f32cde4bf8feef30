"""UsersService: people as their organization sees them."""

from typing import Any

import pytest
from orrery.auth.sessions.v1.events_pb2 import CredentialsInvalidated
from orrery.auth.users.v1.events_pb2 import AccountResumed, AccountSuspended, AdministrationRefused
from orrery.auth.v1 import organizations_pb2, users_pb2
from orrery.identity.v1.identity_pb2 import Credential, Grant
from orrery.types.v1.types_pb2 import Filter, ListQuery

from libs.errors import Conflict, Forbidden, Invalid, NotFound, Precondition, Refusal, Unauthenticated
from libs.rpc import Passage
from tests.services.auth.house import House, Visitor
from tests.services.auth.organizations.people import (
    Company,
    Person,
    company,
    make_platform_admin,
    permission,
    person,
)

REDUCED = {"id", "username", "display_name", "organization_id", "role", "status", "created_at", "version"}


async def listed(who: Person, *filters: Filter, search: str = "") -> list[users_pb2.User]:
    request = users_pb2.ListUsersRequest(query=ListQuery(filters=filters, search=search))
    return list((await who.call("ListUsers", request, users_pb2.ListUsersResponse)).items)


async def seen(who: Person, other: Person) -> users_pb2.User:
    return await who.call("GetUser", users_pb2.GetUserRequest(id=other.id), users_pb2.User)


async def set_status(by: Person, who: Person, status: str, **more: Any) -> users_pb2.User:
    request = users_pb2.UpdateUserRequest(id=who.id, status=status, **more)
    return await by.call("UpdateUser", request, users_pb2.User)


async def by_key(made: Company, *grants: Grant) -> list[users_pb2.User]:
    """What a key of the organization's owner with these grants lists."""
    identity = Visitor(token=made.owner.token).identity()
    identity.credential, identity.session_id = Credential.CREDENTIAL_API_KEY, ""
    del identity.scopes[:]
    identity.scopes.append("organizations:read")
    identity.grants.extend(grants)
    answer = await made.auth.calls["ListUsers"](users_pb2.ListUsersRequest(), Passage(made.auth.signer.sign(identity)))
    assert isinstance(answer, users_pb2.ListUsersResponse)
    return list(answer.items)


def fields(user: users_pb2.User) -> set[str]:
    return {field.name for field, _ in user.ListFields()}


async def test_an_admin_sees_all_of_the_people_of_the_organization(auth: House) -> None:
    made, _ = await company(auth), await company(auth)
    who = await made.hire()

    found = await listed(made.owner)

    assert [one.id for one in found] == [made.owner.id, who.id]
    (shown,) = [one for one in found if one.id == who.id]
    assert (shown.email, shown.role.name, shown.status) == (who.email, "OPERATOR", "active")
    assert (shown.email_verified, shown.two_factor_enabled, shown.metadata.json) == (False, False, b"{}")
    assert shown.last_login_at
    assert shown == await seen(made.owner, who)


async def test_an_operator_sees_a_reduced_set_and_finds_out_no_more(auth: House) -> None:
    made = await company(auth)
    who = await made.hire()

    (shown,) = [one for one in await listed(who) if one.id == made.owner.id]

    assert fields(shown) == REDUCED
    assert fields(await seen(who, made.owner)) == REDUCED
    with pytest.raises(Invalid):
        await listed(who, Filter(field="email", op="eq", value=made.owner.email))
    assert await listed(who, search=made.owner.email) == []


async def test_two_factors_and_a_proven_address_are_shown(auth: House) -> None:
    made = await company(auth)
    who = await made.hire()
    await auth.sql("INSERT INTO user_2fa (user_id, is_enabled) VALUES (:id, true)", id=who.user_id)
    await auth.sql("UPDATE user_account SET email_verified_at = now() WHERE user_id = :id", id=who.user_id)

    shown = await seen(made.owner, who)

    assert (shown.two_factor_enabled, shown.email_verified) == (True, True)
    found = await listed(made.owner, Filter(field="twoFactorEnabled", op="eq", value="true"))
    assert [one.id for one in found] == [who.id]


async def test_a_stranger_is_nobody(auth: House) -> None:
    made, stranger = await company(auth), await person(auth)

    with pytest.raises(NotFound):
        await seen(made.owner, stranger)
    with pytest.raises(NotFound):
        await seen(stranger, made.owner)


async def test_a_role_shows_the_rows_and_fields_that_it_names(auth: House) -> None:
    made = await company(auth)
    await made.role("Staff office", permission("users", "read", fields=("email",), filters=b'{"role": "OPERATOR"}'))
    clerk, operator = await made.hire("Staff office"), await made.hire()

    found = await listed(clerk)

    assert [one.id for one in found] == [operator.id]
    assert fields(found[0]) == {"id", "email", "organization_id", "version"}
    with pytest.raises(NotFound):
        await seen(clerk, made.owner)
    with pytest.raises(Invalid):
        await listed(clerk, Filter(field="username", op="eq", value="x"))


async def test_a_role_without_people_sees_none(auth: House) -> None:
    made = await company(auth)
    await made.role("Silent", permission("orders", "read"))
    silent = await made.hire("Silent")

    with pytest.raises(Forbidden):
        await listed(silent)


async def test_a_key_sees_what_its_grants_name(auth: House) -> None:
    made = await company(auth)
    operator = await made.hire()
    of_operators = Grant(resource="users", actions=["read"], fields=["status"], filters='{"role": "OPERATOR"}')
    of_admins = Grant(resource="users", actions=["read"], fields=["email"], filters='{"role": "ADMIN"}')

    both = await by_key(made, of_operators, of_admins)

    assert [(one.id, fields(one) - {"id", "organization_id", "version"}) for one in both] == [
        (made.owner.id, {"email"}),
        (operator.id, {"status"}),
    ]


@pytest.mark.parametrize(
    "filters", ['{"password": "x"}', '{"role": 5}', '{"emailVerified": "yes"}', '{"status": true}']
)
async def test_a_condition_that_fits_nobody_shows_nobody(auth: House, filters: str) -> None:
    made = await company(auth)

    assert await by_key(made, Grant(resource="users", actions=["read"], filters=filters)) == []


async def test_a_key_for_something_else_lists_nobody(auth: House) -> None:
    made = await company(auth)

    with pytest.raises(Forbidden):
        await by_key(made, Grant(resource="members", actions=["read"]))


async def test_a_suspended_account_acts_nowhere_until_it_is_resumed(auth: House) -> None:
    made, admin = await company(auth), await make_platform_admin(await person(auth))
    who = await made.hire()

    shown = await set_status(admin, who, "suspended")

    assert shown.status == "suspended"
    assert (await seen(made.owner, who)).status == "suspended"
    with pytest.raises(Unauthenticated):
        await auth.refresh(who.made.refresh_token)
    with pytest.raises(Unauthenticated):
        await auth.login(username=who.made.user.username)
    request = organizations_pb2.GetOrganizationRequest(id=made.id)
    with pytest.raises(NotFound):
        await who.call("GetOrganization", request, organizations_pb2.Organization)
    assert await auth.events(who.user_id, AccountSuspended) == [AccountSuspended(user_id=who.user_id)]
    told = [one for one in await auth.staged(CredentialsInvalidated) if one.key == who.id]
    assert [CredentialsInvalidated.FromString(one.payload).kind for one in told] == ["account"]

    await set_status(admin, who, "active")

    assert await auth.events(who.user_id, AccountResumed) == [AccountResumed(user_id=who.user_id)]
    await auth.login(username=who.made.user.username)


async def test_only_a_platform_administrator_suspends_and_the_attempt_is_told(auth: House) -> None:
    made = await company(auth)
    who = await made.hire()

    with pytest.raises(Forbidden) as refused:
        await set_status(made.owner, who, "suspended")

    assert refused.value.reason == "PLATFORM_ADMIN_ONLY"
    assert await auth.events(made.owner.user_id, AdministrationRefused) == [
        AdministrationRefused(user_id=made.owner.user_id, target=who.id)
    ]


async def test_nobody_suspends_themselves_or_what_is_nobody(auth: House) -> None:
    admin = await make_platform_admin(await person(auth))

    with pytest.raises(Conflict):
        await set_status(admin, admin, "suspended")
    for id_ in ("x", "11111111-2222-4333-8444-555555555555"):
        with pytest.raises(NotFound):
            await admin.call("UpdateUser", users_pb2.UpdateUserRequest(id=id_, status="active"), users_pb2.User)


async def test_the_same_status_again_is_silent_and_an_outdated_version_refused(auth: House) -> None:
    made, admin = await company(auth), await make_platform_admin(await person(auth))
    who = await made.hire()
    before = await set_status(admin, who, "active")

    assert await auth.events(who.user_id, AccountResumed) == []
    await set_status(admin, who, "suspended", expected_version=before.version)
    with pytest.raises(Precondition):
        await set_status(admin, who, "active", expected_version=before.version)


async def test_an_unknown_status_is_refused(auth: House) -> None:
    admin, who = await make_platform_admin(await person(auth)), await person(auth)

    with pytest.raises(Refusal) as refused:
        await set_status(admin, who, "inactive")
    assert isinstance(refused.value, Invalid)
