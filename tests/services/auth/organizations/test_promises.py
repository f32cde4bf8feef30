"""What the database itself keeps, whichever release writes: roles, owners, last sign-ins."""

import uuid

import pytest
from sqlalchemy.exc import IntegrityError

from tests.services.auth.house import House
from tests.services.auth.organizations.people import company, person

FOUND = "INSERT INTO organization (name, slug, is_personal) VALUES ('Old', :slug, false) RETURNING id"
JOIN = "INSERT INTO organization_member (organization_id, user_id, role) VALUES (:id, :user, :role)"


async def test_an_organization_of_the_former_release_has_roles_and_an_owner(auth: House) -> None:
    one, other = await person(auth), await person(auth)
    (made,) = await auth.sql(FOUND, slug=f"old-{uuid.uuid4().hex}")

    await auth.sql(JOIN, id=made.id, user=one.user_id, role="OPERATOR")
    await auth.sql(JOIN, id=made.id, user=other.user_id, role="ADMIN")

    roles = await auth.sql("SELECT name FROM organization_role WHERE organization_id = :id ORDER BY name", id=made.id)
    assert [row.name for row in roles] == ["ADMIN", "OPERATOR"]
    (owned,) = await auth.sql("SELECT owner_id, version FROM organization WHERE id = :id", id=made.id)
    assert (owned.owner_id, owned.version) == (other.user_id, 1)


async def test_a_members_role_is_one_of_the_organization(auth: House) -> None:
    who = await person(auth)
    (made,) = await auth.sql(FOUND, slug=f"old-{uuid.uuid4().hex}")

    with pytest.raises(IntegrityError, match="fk_organization_member_role"):
        await auth.sql(JOIN, id=made.id, user=who.user_id, role="admin")


async def test_an_owner_is_a_member(auth: House) -> None:
    made, stranger = await company(auth), await person(auth)

    with pytest.raises(IntegrityError, match="fk_organization_owner_id"):
        await auth.sql("UPDATE organization SET owner_id = :u WHERE slug = :slug", u=stranger.user_id, slug=made.slug)


async def test_system_roles_are_marked_and_no_other_is(auth: House) -> None:
    made = await company(auth)
    mark = "UPDATE organization_role SET is_system = false WHERE name = 'ADMIN' AND organization_id = CAST(:id AS uuid)"

    with pytest.raises(IntegrityError, match="ck_organization_role_system"):
        await auth.sql(mark, id=made.id)


async def test_an_organization_is_erased_with_all_that_is_its(auth: House) -> None:
    made = await company(auth)
    await made.hire()
    await made.invite("erased@example.com")

    await auth.sql("DELETE FROM organization WHERE slug = :slug", slug=made.slug)

    for table in ("organization_member", "organization_role", "organization_invitation"):
        query = f"SELECT 1 FROM {table} WHERE organization_id = CAST(:id AS uuid)"  # noqa: S608  # names of our own
        assert await auth.sql(query, id=made.id) == []


async def test_an_erased_owner_leaves_the_organization_without_one(auth: House) -> None:
    made = await company(auth)
    await made.hire("ADMIN")

    await auth.sql("DELETE FROM user_account WHERE user_id = :id", id=made.owner.user_id)

    (left,) = await auth.sql("SELECT owner_id FROM organization WHERE slug = :slug", slug=made.slug)
    assert left.owner_id is None
    assert await made.admins() == 1
