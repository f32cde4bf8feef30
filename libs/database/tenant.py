"""For whom a transaction runs, as row-level security sees it."""

from dataclasses import dataclass
from typing import Protocol


class Caller(Protocol):
    """Whatever names a user and an organization: a verified identity, a job's lease, an event's headers."""

    @property
    def user_id(self) -> int: ...
    @property
    def organization_id(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Tenant:
    """A user (0 for none) of an organization (a UUID; empty for none)."""

    user_id: int = 0
    organization_id: str = ""
    is_system: bool = False


# The service itself, over all tenants: signing in (no tenant is known yet), relays, consumers of many tenants' events.
# Policies let it in by `app.system`; every use is a line to question.
SYSTEM = Tenant(is_system=True)

SET = (
    "SELECT set_config('app.user_id', :user_id, true), set_config('app.organization_id', :organization_id, true), "
    "set_config('app.system', :system, true)"
)


def parameters(tenant: Caller) -> dict[str, str]:
    """Values for SET; an unset tenant is the empty text, which no policy matches."""
    return {
        "user_id": str(tenant.user_id or ""),
        "organization_id": tenant.organization_id,
        "system": "on" if getattr(tenant, "is_system", False) else "",
    }
