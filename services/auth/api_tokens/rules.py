"""What an API token may be issued for."""

from collections.abc import Iterable
from datetime import timedelta

from orrery.identity.v1.identity_pb2 import Grant, Identity

from libs.errors import Invalid, Violation
from libs.rpc.scopes import EVERY_SCOPE, SCOPES, scopes_of
from services.auth.api_tokens.errors import ScopeNotHeld
from services.auth.fields import refuse

OUTSIDE = "A token lives from 60 seconds to 31,536,000, a year."
SHORTEST, LONGEST = timedelta(minutes=1), timedelta(days=365)


def lifetime(seconds: int) -> timedelta:
    """Raises Invalid for less than a minute or more than a year."""
    if SHORTEST.total_seconds() <= seconds <= LONGEST.total_seconds():
        return timedelta(seconds=seconds)
    raise Invalid("The request breaks the rules of its fields.", (Violation("expiresIn", OUTSIDE, "range"),))


def known(scopes: Iterable[str]) -> list[str]:
    """The scopes, each once, in their order; raises Invalid where one is unknown or there is none."""
    wanted = list(dict.fromkeys(scopes))
    strange = [one for one in wanted if one not in SCOPES]
    unknown = [Violation("scope", f"There is no scope {one!r}.", "unknown_scope") for one in strange]
    refuse(*unknown, *(() if wanted else [Violation("scope", "Name at least one scope.", "required")]))
    return wanted


def ensure_held(identity: Identity, scopes: Iterable[str]) -> None:
    """Raise ScopeNotHeld for a scope that the person does not have."""
    for scope in scopes:
        if not is_held(identity, scope):
            raise ScopeNotHeld(scope)


def is_held(identity: Identity, scope: str) -> bool:
    has_it = EVERY_SCOPE in identity.scopes or scope in identity.scopes
    return has_it and (not identity.grants or any(gives(grant, scope) for grant in identity.grants))


def gives(grant: Grant, scope: str) -> bool:
    return scope in scopes_of(grant.resource, tuple(grant.actions))
