"""AccountsService.GetMe and GetTenantUser."""

import uuid

import pytest
from orrery.auth.v1.accounts_pb2 import Account, GetMeRequest, GetTenantUserRequest, TenantUser
from orrery.identity.v1.identity_pb2 import Credential, Identity

from libs.errors import Unauthenticated
from libs.rpc import Passage
from tests.services.auth.house import House, Visitor


async def test_me_is_the_callers_account(auth: House) -> None:
    made = await auth.register(display_name="Ada")
    await auth.register()

    assert await auth.me(made.token) == made.user


async def test_me_as_a_tenant_user_has_the_role_and_the_tenant(auth: House) -> None:
    made = await auth.register_tenant(tenant_name="Company")
    token = (await auth.login(email=made.email)).token

    assert await auth.call("GetTenantUser", GetTenantUserRequest(), TenantUser, Visitor(token=token)) == made


async def test_a_proven_address_and_a_suspension_show(auth: House) -> None:
    made = await auth.register()
    await auth.sql(
        "UPDATE user_account SET email_verified_at = now(), is_active = false WHERE user_id = :id",
        id=made.user.user_id,
    )

    shown = await auth.call("GetTenantUser", GetTenantUserRequest(), TenantUser, Visitor(token=made.token))

    assert (shown.is_verified, shown.is_active) == (True, False)


@pytest.mark.parametrize("method", ["GetMe", "GetTenantUser"])
async def test_nobody_is_asked_to_sign_in(auth: House, method: str) -> None:
    request, answer = (GetMeRequest(), Account) if method == "GetMe" else (GetTenantUserRequest(), TenantUser)

    with pytest.raises(Unauthenticated):
        await auth.call(method, request, answer)


@pytest.mark.parametrize("organization_id", ["", str(uuid.uuid4())], ids=["none", "some"])
async def test_an_account_that_is_gone_is_no_fault(auth: House, organization_id: str) -> None:
    gone = Identity(
        user_id=999_999, organization_id=organization_id, scopes=["*"], credential=Credential.CREDENTIAL_SESSION
    )

    for method, request in (("GetMe", GetMeRequest()), ("GetTenantUser", GetTenantUserRequest())):
        with pytest.raises(Unauthenticated) as refused:
            await auth.calls[method](request, Passage(auth.signer.sign(gone)))
        assert refused.value.reason == "ACCOUNT_GONE"
