"""What changes between an invitation and its acceptance."""

import asyncio

from orrery.auth.organizations.v1.events_pb2 import InvitationRevoked
from orrery.auth.v1 import organizations_pb2 as pb

from tests.services.auth.house import House
from tests.services.auth.invitations.test_invitations import accept, refusal
from tests.services.auth.organizations.people import company, permission, person


async def test_a_role_that_is_renamed_meanwhile_is_given_by_its_new_name(auth: House) -> None:
    made = await company(auth)
    role = await made.role("Auditors", permission("audit", "read"))
    people = [await person(auth) for _ in range(4)]
    tokens = [(await made.invite(who.email, "Auditors")).token for who in people]
    rename = pb.UpdateRoleRequest(id=made.id, role_id=role.id, name="Revisors")

    renamed, joined = await asyncio.gather(
        made.owner.call("UpdateRole", rename, pb.Role),
        asyncio.gather(*(accept(who, token) for who, token in zip(people, tokens, strict=True))),
    )

    assert renamed.name == "Revisors"
    assert {one.role for one in joined} <= {"Auditors", "Revisors"}
    assert {(await made.member(who)).role for who in people} == {"Revisors"}


async def test_invitations_end_with_the_powers_of_who_made_them(auth: House) -> None:
    made = await company(auth)
    demoted, removed, guests = await made.hire("ADMIN"), await made.hire("ADMIN"), [await person(auth) for _ in "123"]
    inviters = (demoted, removed, made.owner)
    tokens = [(await made.invite(one.email, "ADMIN", by=who)).token for one, who in zip(guests, inviters, strict=True)]

    await made.promote(demoted, "OPERATOR")
    remove = pb.RemoveMemberRequest(id=made.id, user_id=removed.id)
    await made.owner.call("RemoveMember", remove, pb.RemoveMemberResponse)

    assert await refusal(accept(guests[0], tokens[0])) == "INVITATION_NOT_FOUND"
    assert await refusal(accept(guests[1], tokens[1])) == "INVITATION_NOT_FOUND"
    assert (await accept(guests[2], tokens[2])).role == "ADMIN"
    assert len(await made.staged(InvitationRevoked)) == 2
