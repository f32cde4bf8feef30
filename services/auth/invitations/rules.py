"""Registering with an invitation."""

from orrery.auth.v1.accounts_pb2 import RegisterTenantUserRequest

from libs.errors import Violation
from services.auth.fields import given, refuse
from services.auth.invitations.operations import Ticket


def ticket(request: RegisterTenantUserRequest) -> Ticket | None:
    """The invitation that somebody registers with; raises Invalid where they name a tenant of their own, too."""
    token = given(request, "invitation_token")
    if token is None:
        return None
    named = [name for name in ("tenant_name", "tenant_domain") if given(request, name) is not None]
    refuse(*(Violation(name, "An invitation is to an organization that exists.", "ambiguous") for name in named))
    return Ticket(token)
