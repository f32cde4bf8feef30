"""AccountsService.RegisterTenantUser."""

import asyncio

import pytest
from orrery.auth.accounts.v1.events_pb2 import AccountRegistered
from orrery.auth.sessions.v1.events_pb2 import SessionStarted

from libs.errors import Conflict, Invalid
from tests.services.auth.house import House, claims, name


def domain() -> str:
    return f"{name().replace('_', '-')}.example.com"


async def test_the_founder_of_a_tenant_is_its_admin(auth: House) -> None:
    username, theirs = name(), domain()

    made = await auth.register_tenant(username, tenant_name="Company Name", tenant_domain=theirs)

    assert (made.username, made.email, made.role) == (username, f"{username}@example.com", "ADMIN")
    assert (made.is_active, made.is_verified) == (True, False)
    rows = await auth.sql("SELECT name, domain, is_personal FROM organization WHERE id = :id", id=made.tenant_id)
    assert rows == [("Company Name", theirs, False)]


async def test_registering_so_signs_nobody_in(auth: House) -> None:
    made = await auth.register_tenant(tenant_name="Company")

    (user_id,) = (await auth.sql("SELECT user_id FROM user_account WHERE id = :id", id=made.id))[0]
    assert len(await auth.events(user_id, AccountRegistered)) == 1
    assert await auth.events(user_id, SessionStarted) == []
    signed_in = await auth.login(username=made.username)
    assert claims(signed_in.token)["org"] == made.tenant_id


async def test_without_a_tenant_the_organization_is_personal(auth: House) -> None:
    made = await auth.register_tenant()

    rows = await auth.sql("SELECT name, is_personal FROM organization WHERE id = :id", id=made.tenant_id)
    assert rows == [(made.username, True)]


async def test_a_domain_that_exists_is_refused_whatever_its_case(auth: House) -> None:
    theirs = domain()
    await auth.register_tenant(tenant_name="First", tenant_domain=theirs)

    with pytest.raises(Conflict, match="invitation") as refused:
        await auth.register_tenant(tenant_name="Second", tenant_domain=theirs.upper())

    assert refused.value.reason == "DOMAIN_TAKEN"


async def test_of_many_founders_of_one_domain_at_once_one_wins_and_no_account_is_left_over(auth: House) -> None:
    theirs = domain()
    before = await auth.sql("SELECT count(*) FROM user_account")

    answers = await asyncio.gather(
        *(auth.register_tenant(tenant_name="Company", tenant_domain=theirs) for _ in range(8)), return_exceptions=True
    )

    refused = [answer for answer in answers if isinstance(answer, BaseException)]
    assert [type(one) for one in refused] == [Conflict] * 7
    assert await auth.sql("SELECT count(*) FROM user_account") == [(before[0][0] + 1,)]


async def test_many_tenants_of_one_name_at_once_all_stand(auth: House) -> None:
    made = await asyncio.gather(*(auth.register_tenant(tenant_name="Acme & Söhne") for _ in range(8)))

    rows = await auth.sql("SELECT slug FROM organization WHERE name = 'Acme & Söhne'")
    assert len({one.tenant_id for one in made}) == 8
    assert len({slug for (slug,) in rows}) == 8
    assert ("acme-sohne",) in rows


@pytest.mark.parametrize("password", ["password1", "PASSWORD1", "Password", "Pass1"])
async def test_the_password_needs_upper_case_lower_case_a_digit_and_eight_characters(
    auth: House, password: str
) -> None:
    with pytest.raises(Invalid) as refused:
        await auth.register_tenant(password=password)

    assert [one.field for one in refused.value.violations] == ["password"]


@pytest.mark.parametrize("wrong", ["nodots", "-a.com", "a..com", "a.c", "ex ample.com", "a.com/x", "é.com", ""])
async def test_a_domain_that_is_none_is_refused(auth: House, wrong: str) -> None:
    with pytest.raises(Invalid) as refused:
        await auth.register_tenant(tenant_name="Company", tenant_domain=wrong)

    assert [one.field for one in refused.value.violations] == ["tenant_domain"]


async def test_a_tenants_name_is_text(auth: House) -> None:
    with pytest.raises(Invalid) as refused:
        await auth.register_tenant(tenant_name="a\0b")

    assert [one.field for one in refused.value.violations] == ["tenant_name"]
