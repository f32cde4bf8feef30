"""TenantsService.GetTenant."""

import pytest
from orrery.auth.v1 import organizations_pb2, tenants_pb2

from libs.errors import NotFound
from tests.services.auth.house import House
from tests.services.auth.organizations.people import Company, Person, company, make_platform_admin, person


async def tenant(made: Company, by: Person | None = None) -> tenants_pb2.Tenant:
    request = tenants_pb2.GetTenantRequest(tenant_id=made.id)
    return await (by or made.owner).call("GetTenant", request, tenants_pb2.Tenant)


async def test_an_organization_is_a_tenant(auth: House) -> None:
    made = await company(auth, "Company Name", domain="company.example.com")
    operator = await made.hire()

    found = await tenant(made, operator)

    assert (found.id, found.name, found.domain) == (made.id, "Company Name", "company.example.com")
    assert (found.plan, found.status) == ("FREE", "ACTIVE")
    assert not found.settings.HasField("llm_model")


async def test_plans_and_models_have_the_tenants_names(auth: House) -> None:
    made, admin = await company(auth), await make_platform_admin(await person(auth))
    request = organizations_pb2.UpdateOrganizationRequest(id=made.id, plan="professional")
    await admin.call("UpdateOrganization", request, organizations_pb2.Organization)
    models = organizations_pb2.ModelsChange(embedding="text-embedding-3-small", llm="gpt-4")
    settings = organizations_pb2.UpdateSettingsRequest(id=made.id, models=models)
    await made.owner.call("UpdateSettings", settings, organizations_pb2.OrganizationSettings)

    found = await tenant(made)

    assert found.plan == "PRO"
    assert (found.settings.embedding_model, found.settings.llm_model) == ("text-embedding-3-small", "gpt-4")


async def test_a_strangers_tenant_is_none(auth: House) -> None:
    made, stranger = await company(auth), await person(auth)

    with pytest.raises(NotFound):
        await tenant(made, stranger)
