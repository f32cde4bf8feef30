"""A company: an organization, its owner, and people who joined it by invitation."""

from dataclasses import dataclass
from typing import Any, TypeVar

from google.protobuf.message import Message
from orrery.auth.v1 import organizations_pb2 as pb
from orrery.auth.v1.accounts_pb2 import SignedIn

from tests.services.auth.house import House, Visitor

M = TypeVar("M", bound=Message)


@dataclass
class Person:
    """Somebody signed in; `token` acts for the organization that they last entered."""

    auth: House
    made: SignedIn
    token: str

    @property
    def id(self) -> str:
        return self.made.user.id

    @property
    def user_id(self) -> int:
        return self.made.user.user_id

    @property
    def email(self) -> str:
        return self.made.user.email

    async def call(self, method: str, request: Message, answer: type[M]) -> M:
        return await self.auth.call(method, request, answer, Visitor(token=self.token))

    async def enter(self, organization_id: str) -> "Person":
        """Act for this organization from now on."""
        statement = "UPDATE session SET organization_id = CAST(:organization AS uuid) WHERE user_id = :user"
        await self.auth.sql(statement, organization=organization_id, user=self.user_id)
        self.made.refresh_token = (renewed := await self.auth.refresh(self.made.refresh_token)).refresh_token
        self.token = renewed.token
        return self

    async def renewed(self) -> "Person":
        """With an access token of now."""
        self.made.refresh_token = (renewed := await self.auth.refresh(self.made.refresh_token)).refresh_token
        self.token = renewed.token
        return self


@dataclass
class Company:
    """An organization and its owner."""

    auth: House
    owner: Person
    id: str
    slug: str

    async def invite(self, email: str, role: str | None = None, by: Person | None = None) -> pb.Invitation:
        request = pb.CreateInvitationRequest(id=self.id, email=email, role=role)
        return await (by or self.owner).call("CreateInvitation", request, pb.Invitation)

    async def hire(self, role: str | None = None) -> Person:
        """Somebody new, who acts for the organization."""
        joined = await person(self.auth)
        invitation = await self.invite(joined.email, role)
        await joined.call("AcceptInvitation", pb.AcceptInvitationRequest(token=invitation.token), pb.Member)
        return await joined.enter(self.id)

    async def role(self, name: str, *permissions: pb.Permission, by: Person | None = None) -> pb.Role:
        request = pb.CreateRoleRequest(id=self.id, name=name, permissions=permissions)
        return await (by or self.owner).call("CreateRole", request, pb.Role)

    async def member(self, who: Person, by: Person | None = None) -> pb.Member:
        request = pb.GetMemberRequest(id=self.id, user_id=who.id)
        return await (by or self.owner).call("GetMember", request, pb.Member)

    async def promote(self, who: Person, role: str, by: Person | None = None, **more: Any) -> pb.Member:
        request = pb.UpdateMemberRequest(id=self.id, user_id=who.id, role=role, **more)
        return await (by or self.owner).call("UpdateMember", request, pb.Member)

    async def staged(self, kind: type[M]) -> list[M]:
        """What was told of this kind about the organization, oldest first."""
        return [kind.FromString(row.payload) for row in await self.auth.staged(kind) if row.key == self.id]

    async def admins(self) -> int:
        statement = "SELECT 1 FROM organization_member WHERE organization_id = CAST(:id AS uuid) AND role = 'ADMIN'"
        return len(await self.auth.sql(statement, id=self.id))


async def person(auth: House, **more: Any) -> Person:
    made = await auth.register(**more)
    return Person(auth, made, made.token)


async def company(auth: House, name: str = "Analytical Engines", **more: Any) -> Company:
    """A new organization; its owner acts for it."""
    owner = await person(auth)
    made = await owner.call("CreateOrganization", pb.CreateOrganizationRequest(name=name, **more), pb.Organization)
    await owner.enter(made.id)
    return Company(auth, owner, made.id, made.slug)


def permission(resource: str, *actions: str, fields: tuple[str, ...] = (), filters: bytes = b"") -> pb.Permission:
    made = pb.Permission(resource=resource, actions=actions)
    if fields or filters:
        made.conditions.fields.extend(fields)
        if filters:
            made.conditions.filters.json = filters
    return made


async def make_platform_admin(who: Person) -> Person:
    await who.auth.sql("UPDATE user_account SET is_admin = true WHERE user_id = :id", id=who.user_id)
    return await who.renewed()
