"""Organizations, members, invitations, roles, settings; and what the chat's applications call tenants."""

from orrery.auth.v1 import organizations_pb2, tenants_pb2

from gateway.bridge.names import CAMEL, SNAKE
from gateway.families import PLAIN, RESOURCE
from gateway.router import RpcRouter

SERVICES = organizations_pb2.DESCRIPTOR.services_by_name
TENANTS = tenants_pb2.DESCRIPTOR.services_by_name["TenantsService"]
PREFIX = "/api/v1/organizations"

organizations = RpcRouter(SERVICES["OrganizationsService"], prefix=PREFIX, family=RESOURCE, names=CAMEL, backend="auth")
organizations.rpc("GET", "", "ListOrganizations", id="organizations_list")
organizations.rpc("POST", "", "CreateOrganization", id="organizations_create", status=201)
organizations.rpc("GET", "/{id}", "GetOrganization", id="organizations_get")
organizations.rpc("PATCH", "/{id}", "UpdateOrganization", id="organizations_update")
organizations.rpc("DELETE", "/{id}", "DeleteOrganization", id="organizations_delete", status=204)
organizations.rpc("GET", "/{id}/settings", "GetSettings", id="organizations_get_settings")
organizations.rpc("PATCH", "/{id}/settings", "UpdateSettings", id="organizations_update_settings")
organizations.rpc("POST", "/{id}/leave", "LeaveOrganization", id="organizations_leave", status=204)
organizations.rpc("POST", "/{id}/transfer", "TransferOrganization", id="organizations_transfer")

members = RpcRouter(SERVICES["MembersService"], prefix=PREFIX, family=RESOURCE, names=CAMEL, backend="auth")
members.rpc("GET", "/{id}/members", "ListMembers", id="members_list")
members.rpc("GET", "/{id}/members/{user_id}", "GetMember", id="members_get")
members.rpc("PATCH", "/{id}/members/{user_id}", "UpdateMember", id="members_update")
members.rpc("DELETE", "/{id}/members/{user_id}", "RemoveMember", id="members_remove", status=204)

INVITATIONS = SERVICES["InvitationsService"]
invitations = RpcRouter(INVITATIONS, prefix=PREFIX, family=RESOURCE, names=CAMEL, backend="auth")
invitations.rpc("GET", "/{id}/invitations", "ListInvitations", id="invitations_list")
invitations.rpc("POST", "/{id}/invitations", "CreateInvitation", id="invitations_create", status=201)
invitations.rpc("DELETE", "/{id}/invitations/{invitation_id}", "RevokeInvitation", id="invitations_revoke", status=204)

acceptance = RpcRouter(INVITATIONS, prefix="/api/v1/invitations", family=RESOURCE, names=CAMEL, backend="auth")
acceptance.rpc("POST", "/accept", "AcceptInvitation", id="invitations_accept", rate="auth")

roles = RpcRouter(SERVICES["RolesService"], prefix=PREFIX, family=RESOURCE, names=CAMEL, backend="auth")
roles.rpc("GET", "/{id}/roles", "ListRoles", id="roles_list")
roles.rpc("POST", "/{id}/roles", "CreateRole", id="roles_create", status=201)
roles.rpc("GET", "/{id}/roles/{role_id}", "GetRole", id="roles_get")
roles.rpc("PATCH", "/{id}/roles/{role_id}", "UpdateRole", id="roles_update")
roles.rpc("DELETE", "/{id}/roles/{role_id}", "DeleteRole", id="roles_delete", status=204)

tenants = RpcRouter(TENANTS, prefix="/api/v1/tenants", family=PLAIN, names=SNAKE, backend="auth")
tenants.rpc("GET", "/{tenant_id}", "GetTenant", id="tenants_get")
tenants.rpc("GET", "/{tenant_id}/embed-snippet", "GetEmbedSnippet", id="tenants_get_embed_snippet")

ROUTERS: tuple[RpcRouter, ...] = (organizations, members, invitations, acceptance, roles, tenants)
