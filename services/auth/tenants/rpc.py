"""orrery.auth.v1.TenantsService."""

from orrery.auth.v1 import tenants_pb2 as pb
from orrery.auth.v1 import tenants_pb2_grpc as rpc

from libs.database import Database
from libs.rpc import caller
from libs.rpc.handlers import Context
from libs.rpc.scopes import READ
from services.auth.api_keys.operations import widget_key
from services.auth.moments import rfc3339
from services.auth.organizations.models import Organization
from services.auth.organizations.settings import OrganizationSettings
from services.auth.organizations.standing import Need, entered
from services.auth.sealing import Sealer

SEE = Need("memberships", READ)
EMBED = Need("memberships", READ, lock=True)
PLANS = {"professional": "PRO"}


class TenantsServicer(rpc.TenantsServiceServicer):
    def __init__(self, database: Database, sealer: Sealer, public_url: str) -> None:
        self._database, self._sealer, self._public_url = database, sealer, public_url

    async def GetTenant(self, request: pb.GetTenantRequest, context: Context) -> pb.Tenant:
        async with entered(self._database, caller(), request.tenant_id, SEE) as (_, standing):
            return to_proto(standing.organization)

    async def GetEmbedSnippet(self, request: pb.GetEmbedSnippetRequest, context: Context) -> pb.EmbedSnippet:
        async with entered(self._database, caller(), request.tenant_id, EMBED) as (session, standing):
            maker = standing.organization.owner_id or standing.user_id  # the key acts in the name of one who stays
            key = await widget_key(session, standing.id, maker, self._sealer)
        return pb.EmbedSnippet(
            snippet=tag(self._public_url, standing.organization_id, key),
            api_key=key,
            tenant_id=standing.organization_id,
        )


def tag(public_url: str, tenant_id: str, key: str) -> str:
    """A script tag whose attributes need no escaping: a URL of ours, a UUID and a key of letters, digits and _."""
    source = f"{public_url.rstrip('/')}/widget.js"
    return f'<script src="{source}" data-tenant-id="{tenant_id}" data-api-key="{key}" async></script>'


def to_proto(one: Organization) -> pb.Tenant:
    models = OrganizationSettings.of(one.settings).document["models"]
    return pb.Tenant(
        id=str(one.id),
        name=one.name,
        domain=one.domain,
        plan=PLANS.get(one.plan, one.plan.upper()),
        status=one.status.upper(),
        settings=pb.TenantSettings(embedding_model=models.get("embedding"), llm_model=models.get("llm")),
        created_at=rfc3339(one.created_at),
    )
