"""TenantsService.GetEmbedSnippet."""

import asyncio

import pytest
from orrery.auth.v1 import tenants_pb2

from libs.errors import NotFound
from tests.services.auth.house import ISSUER, House
from tests.services.auth.organizations.people import Company, Person, company, person


async def snippet(made: Company, by: Person | None = None) -> tenants_pb2.EmbedSnippet:
    request = tenants_pb2.GetEmbedSnippetRequest(tenant_id=made.id)
    return await (by or made.owner).call("GetEmbedSnippet", request, tenants_pb2.EmbedSnippet)


async def test_every_member_gets_the_same_tag(auth: House) -> None:
    made = await company(auth)
    operator = await made.hire()

    found = await snippet(made, operator)

    assert found.tenant_id == made.id
    assert found.api_key.startswith("pk_live_")
    assert found.snippet == (
        f'<script src="{ISSUER}/widget.js" data-tenant-id="{made.id}" data-api-key="{found.api_key}" async></script>'
    )
    assert await snippet(made) == found


async def test_asked_at_once_there_is_one_key(auth: House) -> None:
    made = await company(auth)

    found = await asyncio.gather(*(snippet(made) for _ in range(5)))

    assert len({one.api_key for one in found}) == 1


async def test_a_stranger_gets_none(auth: House) -> None:
    made, stranger = await company(auth), await person(auth)

    with pytest.raises(NotFound):
        await snippet(made, stranger)
