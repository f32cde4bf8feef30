"""What an app may ask for: the API's own scopes, and those of OpenID Connect. Never every scope at once."""

from libs.rpc.scopes import SCOPES

OPENID, PROFILE, EMAIL, OFFLINE = "openid", "profile", "email", "offline_access"
OF_PEOPLE = frozenset((OPENID, PROFILE, EMAIL, OFFLINE))  # say nothing where no person signs in
GRANTABLE = SCOPES | OF_PEOPLE


def ordered(scopes: frozenset[str]) -> list[str]:
    """The one order of scopes: OpenID Connect's first, then by name."""
    return sorted(scopes, key=lambda scope: (scope not in OF_PEOPLE, scope != OPENID, scope))
