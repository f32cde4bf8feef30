"""The route tables, one module per deployable, and which family a path belongs to where no route stands."""

from gateway.families import ENVELOPE, OPENAI, OPERATIONS, RESOURCE, Families, Family
from gateway.router import RpcRouter
from gateway.routes import ai_inference, audit, auth, control_plane, domain_data, media

ROUTERS: tuple[RpcRouter, ...] = (
    *auth.ROUTERS,
    *media.ROUTERS,
    *audit.ROUTERS,
    *ai_inference.ROUTERS,
    *domain_data.ROUTERS,
    *control_plane.ROUTERS,
)
AREAS: dict[str, Family] = {"/api": ENVELOPE, "/api/v1": RESOURCE, "/v1": OPENAI}


def families(routers: tuple[RpcRouter, ...] = ROUTERS) -> Families:
    """The family of any path: that of the router with the longest prefix, else its area's, else operations."""
    own = {router.prefix: router.family for router in routers if router.prefix}
    return Families({**AREAS, **own}, OPERATIONS)
