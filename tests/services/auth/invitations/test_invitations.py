"""InvitationsService, and registering with an invitation."""

import asyncio
import hashlib
from typing import Any

import pytest
from orrery.auth.organizations.v1.events_pb2 import (
    InvitationCreated,
    InvitationRefused,
    InvitationRevoked,
    MemberJoined,
)
from orrery.auth.v1 import organizations_pb2 as pb
from orrery.types.v1.types_pb2 import Filter, ListQuery

from libs.errors import Conflict, Forbidden, Invalid, NotFound, Refusal
from tests.services.auth.house import House, claims, name
from tests.services.auth.organizations.people import Company, Person, company, make_platform_admin, permission, person


async def accept(who: Person, token: str) -> pb.Member:
    return await who.call("AcceptInvitation", pb.AcceptInvitationRequest(token=token), pb.Member)


async def revoke(made: Company, invitation: pb.Invitation, by: Person | None = None) -> None:
    request = pb.RevokeInvitationRequest(id=made.id, invitation_id=invitation.id)
    await (by or made.owner).call("RevokeInvitation", request, pb.RevokeInvitationResponse)


async def listed(made: Company, query: ListQuery | None = None) -> list[pb.Invitation]:
    request = pb.ListInvitationsRequest(id=made.id, query=query)
    return list((await made.owner.call("ListInvitations", request, pb.ListInvitationsResponse)).items)


async def refusal(attempt: Any) -> str:
    with pytest.raises(Refusal) as refused:
        await attempt
    return refused.value.reason


async def test_the_token_is_answered_once_mailed_and_stored_as_a_hash(auth: House) -> None:
    made = await company(auth)

    invited = await made.invite("New.Person@Example.com")

    assert (invited.email, invited.role, invited.status) == ("new.person@example.com", "OPERATOR", "pending")
    assert invited.invited_by == made.owner.id
    assert [one.token for one in await listed(made)] == [""]
    (row,) = await auth.sql("SELECT * FROM organization_invitation WHERE id = CAST(:id AS uuid)", id=invited.id)
    assert bytes(row.token_hash) == hashlib.sha256(invited.token.encode()).digest()
    assert invited.token not in repr(row)
    (mail,) = await auth.sql("SELECT * FROM mail WHERE recipient = 'new.person@example.com'")
    assert mail.template == "invitation"
    assert mail.content["link"] == f"/account/join#token={invited.token}"


async def test_events_tell_who_was_invited_but_no_token(auth: House) -> None:
    made = await company(auth)
    invited = await made.invite("told@example.com")

    (row,) = [one for one in await auth.staged(InvitationCreated) if one.key == made.id]

    assert InvitationCreated.FromString(row.payload).email == "told@example.com"
    assert invited.token.encode() not in bytes(row.payload)


async def test_whoever_is_invited_joins_in_the_role_given(auth: House) -> None:
    made, who = await company(auth), await person(auth)
    await made.role("Auditors", permission("audit", "read"))
    invited = await made.invite(who.email, "Auditors")

    joined = await accept(who, invited.token)

    assert (joined.role, joined.user_id, joined.organization_id) == ("Auditors", who.id, made.id)
    assert [one.status for one in await listed(made)] == ["accepted"]
    assert await made.staged(MemberJoined) == [
        MemberJoined(organization_id=made.id, user_id=who.user_id, role="Auditors", invitation_id=invited.id)
    ]


async def test_of_many_who_accept_at_once_one_joins(auth: House) -> None:
    made, who = await company(auth), await person(auth)
    token = (await made.invite(who.email)).token

    outcomes = await asyncio.gather(*(accept(who, token) for _ in range(8)), return_exceptions=True)

    assert sum(isinstance(one, pb.Member) for one in outcomes) == 1
    assert all(isinstance(one, NotFound | Conflict) for one in outcomes if not isinstance(one, pb.Member))
    assert len(await made.staged(MemberJoined)) == 1


async def test_an_open_invitation_lets_one_of_many_people_in(auth: House) -> None:
    made = await company(auth)
    request = pb.UpdateSettingsRequest(id=made.id, security=pb.SecurityChange(open_invitations=True))
    await made.owner.call("UpdateSettings", request, pb.OrganizationSettings)
    token = (await made.invite("anybody@example.com")).token
    people = [await person(auth) for _ in range(4)]

    outcomes = await asyncio.gather(*(accept(who, token) for who in people), return_exceptions=True)

    assert sum(isinstance(one, pb.Member) for one in outcomes) == 1
    assert all(isinstance(one, NotFound) for one in outcomes if not isinstance(one, pb.Member))


async def test_an_invitation_is_for_the_address_invited(auth: House) -> None:
    made, who, other = await company(auth), await person(auth), await person(auth)
    invited = await made.invite(who.email)

    assert await refusal(accept(other, invited.token)) == "INVITATION_FOR_ANOTHER"

    assert await made.staged(InvitationRefused) == [
        InvitationRefused(
            organization_id=made.id,
            invitation_id=invited.id,
            user_id=other.user_id,
            reason="INVITATION_FOR_ANOTHER",
        )
    ]
    await accept(who, invited.token)


async def test_a_look_alike_address_is_another(auth: House) -> None:
    made = await company(auth)
    who = await person(auth, email="ada@lovelace.example")
    token = (await made.invite("\u0430da@lovelace.example")).token

    assert await refusal(accept(who, token)) == "INVITATION_FOR_ANOTHER"


@pytest.mark.parametrize("token", ["x", "inv_" + "A" * 43, "ü" * 20, "'; DROP TABLE organization; --"])
async def test_an_unknown_token_is_refused_and_told(auth: House, token: str) -> None:
    who = await person(auth)

    assert await refusal(accept(who, token)) == "INVITATION_NOT_FOUND"

    (told,) = await auth.events(who.user_id, InvitationRefused)
    assert (told.reason, told.user_id) == ("INVITATION_NOT_FOUND", who.user_id)


async def test_a_token_is_good_once(auth: House) -> None:
    made, who = await company(auth), await person(auth)
    token = (await made.invite(who.email)).token
    await accept(who, token)

    assert await refusal(accept(who, token)) == "INVITATION_NOT_FOUND"


async def test_a_withdrawn_or_expired_invitation_is_none(auth: House) -> None:
    made, who = await company(auth), await person(auth)
    invited = await made.invite(who.email)
    await revoke(made, invited)

    assert await refusal(accept(who, invited.token)) == "INVITATION_NOT_FOUND"
    assert await refusal(revoke(made, invited)) == "INVITATION_NOT_FOUND"
    assert [one.invitation_id for one in await made.staged(InvitationRevoked)] == [invited.id]

    late = await made.invite(who.email)
    await auth.sql("UPDATE organization_invitation SET expires_at = now() WHERE id = CAST(:id AS uuid)", id=late.id)
    assert await refusal(accept(who, late.token)) == "INVITATION_NOT_FOUND"
    assert [one.status for one in await listed(made)] == ["expired", "revoked"]
    await accept(who, (await made.invite(who.email)).token)


async def test_an_address_has_one_open_invitation_and_no_member_is_invited(auth: House) -> None:
    made = await company(auth)
    member = await made.hire()

    outcomes = await asyncio.gather(*(made.invite("twice@example.com") for _ in range(4)), return_exceptions=True)

    assert sum(isinstance(one, pb.Invitation) for one in outcomes) == 1
    assert await refusal(made.invite("TWICE@example.com")) == "INVITATION_OPEN"
    assert await refusal(made.invite(member.email)) == "ALREADY_MEMBER"


async def test_whoever_joined_meanwhile_keeps_the_invitation_unused(auth: House) -> None:
    made, who = await company(auth), await person(auth)
    token = (await made.invite(who.email, "ADMIN")).token
    await auth.sql(
        "INSERT INTO organization_member (organization_id, user_id, role)"
        " VALUES (CAST(:id AS uuid), :user, 'OPERATOR')",
        id=made.id,
        user=who.user_id,
    )

    assert await refusal(accept(who, token)) == "ALREADY_MEMBER"
    assert (await made.member(who)).role == "OPERATOR"
    assert [one.status for one in await listed(made)] == ["pending"]


async def test_nobody_joins_a_suspended_organization(auth: House) -> None:
    made, who, admin = await company(auth), await person(auth), await make_platform_admin(await person(auth))
    token = (await made.invite(who.email)).token
    request = pb.UpdateOrganizationRequest(id=made.id, status="suspended")
    await admin.call("UpdateOrganization", request, pb.Organization)

    assert await refusal(accept(who, token)) == "INVITATION_NOT_FOUND"
    assert await refusal(made.invite("late@example.com")) == "ORGANIZATION_SUSPENDED"


async def test_an_operator_invites_nobody(auth: House) -> None:
    made = await company(auth)
    operator = await made.hire()

    for attempt in (
        made.invite("friend@example.com", by=operator),
        revoke(made, await made.invite("x@example.com"), operator),
    ):
        with pytest.raises(Forbidden):
            await attempt


async def test_an_unknown_role_is_refused(auth: House) -> None:
    made = await company(auth)

    with pytest.raises(Invalid):
        await made.invite("role@example.com", "OWNER")


async def test_invitations_are_filtered_by_their_state(auth: House) -> None:
    made = await company(auth)
    one, _ = await made.invite("one@example.com"), await made.invite("two@example.com")
    await revoke(made, one)

    found = await listed(made, ListQuery(filters=[Filter(field="status", op="eq", value="pending")]))

    assert [each.email for each in found] == ["two@example.com"]


async def test_whoever_registers_with_an_invitation_joins_and_founds_nothing(auth: House) -> None:
    made, chosen = await company(auth), name()
    token = (await made.invite(f"{chosen}@example.com")).token

    joined = await auth.register_tenant(chosen, invitation_token=token)

    assert (joined.tenant_id, joined.role) == (made.id, "OPERATOR")
    signed_in = claims((await auth.login(username=chosen)).token)
    assert (signed_in["org"], signed_in["roles"]) == (made.id, ["OPERATOR"])
    assert len(await auth.sql("SELECT 1 FROM organization_member WHERE user_id = :id", id=signed_in["uid"])) == 1


async def test_registering_takes_the_invited_address_and_names_no_tenant(auth: House) -> None:
    made = await company(auth)
    token = (await made.invite("invited@example.com")).token

    assert await refusal(auth.register_tenant(invitation_token=token)) == "INVITATION_FOR_ANOTHER"
    assert await refusal(auth.register_tenant(invitation_token="x")) == "INVITATION_NOT_FOUND"
    with pytest.raises(Invalid):
        await auth.register_tenant(email="invited@example.com", invitation_token=token, tenant_name="Mine")
    assert [one.status for one in await listed(made)] == ["pending"]


async def test_registering_and_accepting_at_once_spend_an_invitation_once(auth: House) -> None:
    made = await company(auth)
    request = pb.UpdateSettingsRequest(id=made.id, security=pb.SecurityChange(open_invitations=True))
    await made.owner.call("UpdateSettings", request, pb.OrganizationSettings)
    token = (await made.invite("race@example.com")).token
    who = await person(auth)

    outcomes = await asyncio.gather(
        accept(who, token),
        *(auth.register_tenant(invitation_token=token) for _ in range(3)),
        return_exceptions=True,
    )

    assert sum(not isinstance(one, BaseException) for one in outcomes) == 1
    assert len(await made.staged(MemberJoined)) == 1


async def test_an_organization_does_not_mail_the_whole_world(auth: House) -> None:
    made = await company(auth)
    await auth.sql(
        "INSERT INTO organization_invitation (organization_id, email, role, token_hash, expires_at, revoked_at)"
        " SELECT CAST(:id AS uuid), 'x' || n, 'OPERATOR', sha256(convert_to(CAST(n AS text), 'UTF8')), now(), now()"
        " FROM generate_series(1, 500) n",
        id=made.id,
    )

    assert await refusal(made.invite("one-more@example.com")) == "TOO_MANY_INVITATIONS"
