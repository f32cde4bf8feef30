"""A tenant that owns one of everything, strangers who have nothing to do with it, and what they could ask it for."""

import base64
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from google.protobuf.descriptor import FieldDescriptor, MethodDescriptor
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass
from orrery.auth.v1 import (
    accounts_pb2,
    api_keys_pb2,
    api_tokens_pb2,
    oauth_pb2,
    platforms_pb2,
    privacy_pb2,
)
from orrery.identity.v1.identity_pb2 import Credential, Grant, Identity

from gateway.router import Route, all_routes
from gateway.routes import ROUTERS
from libs.rpc.scopes import ACTIONS, SCOPES
from tests.services.auth.house import House, Visitor
from tests.services.auth.organizations.people import Company, Person, company, permission, person

MARK = "alphasecret"
PASSKEY = f"{MARK}-passkey".encode()
ADD_PASSKEY = """
INSERT INTO passkey
    (user_id, credential_id, public_key, sign_count, name, aaguid, transports, is_backup_eligible, is_backed_up)
    VALUES (:id, :credential, 'x', 0, 'alphasecret passkey', gen_random_uuid(), '{}', false, false)
"""
NO_IDS = {"platform", "platform_id", "payment_id"}
"""Fields that are called so and name nothing of a tenant's."""
EXPLICIT = {"Login", "CreateTokens", "Refresh", "RefreshTokens"}
"""RPCs that take an organization's id beside somebody's own secret; tests of sessions are about them."""
CHANGES: Mapping[str, Any] = {
    "name": "taken over",
    "description": "taken over",
    "email": "stranger@example.com",
    "role": "OPERATOR",
    "status": "suspended",
    "plan": "enterprise",
    "slug": "taken-over",
    "domain": "taken-over.example.com",
    "timezone": "Asia/Tokyo",
    "access_token": "stolen",
    "is_active": False,
    "permissions": [permission("media", "read")],
}
"""What a stranger would write."""


@dataclass
class Estate:
    """One of everything that an organization and its owner can have; `ids` by the name of the field that takes them."""

    made: Company
    operator: Person
    ids: dict[str, str | int] = field(default_factory=dict)

    @property
    def marks(self) -> list[str]:
        """What nobody else may read: it stands in what the tenant owns, or is the id of it."""
        people = [self.made.owner, self.operator]
        known = [text for one in people for text in (one.id, one.email, one.made.user.username)]
        return [MARK, self.made.slug, *known, *(str(one) for one in self.ids.values() if isinstance(one, str))]


async def estate(auth: House) -> Estate:
    made = await company(auth, f"{MARK} incorporated", domain=f"{MARK}.example.com")
    found = Estate(made, await made.hire())
    owner = made.owner
    role = await made.role(f"{MARK} role", permission("orders", "read"))
    invitation = await made.invite(f"{MARK}@example.com")
    found.ids = {
        "organization_id": made.id,
        "organization_id_camel": made.id,
        "tenant_id": made.id,
        "user_id": found.operator.id,
        "role_id": role.id,
        "invitation_id": invitation.id,
        "key_id": await api_key(made),
        "client_id": await oauth_client(owner),
        "token_id": await api_token(owner),
        "api_key_id": await platform_key(owner),
        "session_id": await session_id(owner),
        "credential_id": await passkey(owner),
        "export_id": await export(owner),
    }
    renamed = accounts_pb2.UpdateMeRequest(display_name=f"{MARK} name")
    await owner.call("UpdateMe", renamed, accounts_pb2.Account)
    return found


async def api_key(made: Company) -> str:
    permits = [api_keys_pb2.ApiPermission(resource="media", actions=["read"])]
    request = api_keys_pb2.CreateApiKeyRequest(id=made.id, name=f"{MARK} key", permissions=permits)
    return (await made.owner.call("CreateApiKey", request, api_keys_pb2.ShownApiKey)).id


async def oauth_client(owner: Person) -> str:
    request = oauth_pb2.CreateOAuthClientRequest(
        name=f"{MARK} app",
        redirect_uris=["https://app.example.com/back"],
        grant_types=["authorization_code"],
        scopes=["openid"],
    )
    return (await owner.call("CreateOAuthClient", request, oauth_pb2.OAuthClient)).client_id


async def api_token(owner: Person) -> int:
    request = api_tokens_pb2.CreateApiTokenRequest(scope=["media:read"], expires_in=3600)
    return (await owner.call("CreateApiToken", request, api_tokens_pb2.IssuedApiToken)).token_id


async def platform_key(owner: Person) -> str:
    listed = await owner.call(
        "ListPlatforms", platforms_pb2.ListPlatformsRequest(), platforms_pb2.ListPlatformsResponse
    )
    request = platforms_pb2.CreateUserApiKeyRequest(platform_id=listed.platforms[0].id, access_token=f"{MARK}-token")
    return (await owner.call("CreateUserApiKey", request, platforms_pb2.UserApiKeyResponse)).user_api_key.id


async def session_id(owner: Person) -> str:
    return Visitor(token=owner.token).identity().session_id


async def passkey(owner: Person) -> str:
    await owner.auth.sql(ADD_PASSKEY, id=owner.user_id, credential=PASSKEY)
    return base64.urlsafe_b64encode(PASSKEY).rstrip(b"=").decode()


async def export(owner: Person) -> str:
    return (await owner.call("RequestExport", privacy_pb2.RequestExportRequest(), privacy_pb2.PersonalExport)).id


async def strangers(auth: House) -> dict[str, Identity]:
    """Everybody who could knock: each kind of credential of another organization, in each of its roles."""
    other = await company(auth, "Beta")
    await other.role("Everything", permission("*", *ACTIONS))
    operator, custom = await other.hire(), await other.hire("Everything")
    owner = Visitor(token=other.owner.token).identity()
    key, token = Identity(), Identity()
    for made, kind in ((key, Credential.CREDENTIAL_API_KEY), (token, Credential.CREDENTIAL_API_TOKEN)):
        made.CopyFrom(owner)
        made.credential, made.session_id = kind, ""
        del made.scopes[:]
        made.scopes.extend(sorted(SCOPES))
    key.grants.append(Grant(resource="*", actions=ACTIONS))
    return {
        "the owner of another": owner,
        "an operator of another": Visitor(token=operator.token).identity(),
        "a custom role of another": Visitor(token=custom.token).identity(),
        "a key of another": key,
        "a token of another": token,
        "somebody without an organization": Visitor(token=(await person(auth)).token).identity(),
        "nobody": Identity(address="198.51.100.7"),
    }


def routes() -> list[Route]:
    """What can be asked of auth, each RPC once."""
    found = {route.method.full_name: route for route in all_routes(ROUTERS) if route.service == "auth"}
    return list(found.values())


def id_fields(method: MethodDescriptor) -> list[FieldDescriptor]:
    """The fields of a request that name something."""
    return [one for one in method.input_type.fields if is_id(one.name) and one.name not in NO_IDS]


def is_id(name: str) -> bool:
    return name == "id" or name.endswith(("_id", "_id_camel"))


def unknown_ids(route: Route, ids: Mapping[str, Any]) -> Iterator[str]:
    """What a stranger could name and this file does not know: it needs an entry in Estate.ids or NO_IDS."""
    for name in {*route.in_path, *(one.name for one in id_fields(route.method))} - NO_IDS - {"id"}:
        if name not in ids:
            yield f"{route.id}: {name}"


def asked(route: Route, ids: Mapping[str, Any]) -> Message:
    """The request for the tenant's things, changed as a stranger would."""
    request: Message = GetMessageClass(route.method.input_type)()
    for one in route.method.input_type.fields:
        if one.name == "id":
            of_users = route.method.containing_service.name == "UsersService"
            setattr(request, one.name, ids["user_id" if of_users else "tenant_id"])
        elif one.name in ids:
            setattr(request, one.name, ids[one.name])
        elif one.name in NO_IDS:
            setattr(request, one.name, "twitch")
        elif one.name in CHANGES and one.is_repeated:
            fill(getattr(request, one.name), CHANGES[one.name])
        elif one.name in CHANGES and one.message_type is None:
            setattr(request, one.name, CHANGES[one.name])
    return request


def fill(items: Any, values: list[Any]) -> None:
    for value in values:
        made = items.add()
        made.resource = value.resource
        made.actions.extend(value.actions)
