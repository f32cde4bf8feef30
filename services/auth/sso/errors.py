"""Refusals of signing in through other issuers."""

from libs.errors import Conflict, Forbidden, NotFound, Refusal, Unauthenticated, Unavailable


class SsoProviderUnknown(NotFound):
    def __init__(self) -> None:
        super().__init__("There is no provider of this name; GET /api/v1/auth/sso lists them.")


class SsoStateRefused(Unauthenticated):
    """Unknown, used before, expired, or of another browser or provider."""

    def __init__(self) -> None:
        super().__init__("This sign-in did not begin in this browser, or took too long; begin again.")


class SsoCodeRefused(Unauthenticated):
    """Unknown, used before, expired, or of another app."""

    def __init__(self) -> None:
        super().__init__("The code is not valid, or has been used; sign in again.")


class SsoIssuerAway(Unavailable):
    def __init__(self) -> None:
        super().__init__("The sign-in provider does not answer; try again in a moment.")


class SsoAnswerRefused(Unauthenticated):
    """What the issuer sent does not prove what it must."""

    def __init__(self) -> None:
        super().__init__("What the sign-in provider answered could not be verified; sign in again.")


class SsoDenied(Unauthenticated):
    def __init__(self) -> None:
        super().__init__("The sign-in was not completed at the provider.")


class TokenRefused(Unauthenticated):
    def __init__(self) -> None:
        super().__init__("The access token is not one that a trusted issuer made for this server.")


class TokenExpired(Unauthenticated):
    def __init__(self) -> None:
        super().__init__("The access token has expired; get a new one from its issuer.")


class SsoAccountInactive(Forbidden):
    def __init__(self) -> None:
        super().__init__("This account, or its organization, is suspended.")


class SsoOrganizationMissing(Unavailable):
    """A provider is configured for an organization that does not exist."""

    def __init__(self) -> None:
        super().__init__("This provider's organization does not exist yet; tell whoever runs this server.")


class SsoRoleMissing(Unavailable):
    """A group is configured for a role that its organization does not have."""

    def __init__(self) -> None:
        super().__init__("Your role does not exist in this organization; tell whoever runs this server.")


class SsoGroupMissing(Forbidden):
    def __init__(self) -> None:
        super().__init__("None of your groups at the provider may sign in here; ask its administrator.")


class SsoDomainRefused(Forbidden):
    def __init__(self) -> None:
        super().__init__("Only verified e-mail addresses of certain domains may sign in through this provider.")


class SsoAccountExists(Conflict):
    """An address alone proves nothing that would hand an account over."""

    def __init__(self) -> None:
        super().__init__(
            "An account with this e-mail address exists and cannot be bound to the provider's; sign in to it by its "
            "password, or ask an administrator."
        )


class SsoLogoutRefused(Unauthenticated):
    def __init__(self) -> None:
        super().__init__("The logout token is not valid.")


REDIRECTED = {  # as RFC 6749 §4.1.2.1 calls them
    Unavailable: "temporarily_unavailable",
    Forbidden: "access_denied",
    Conflict: "access_denied",
    SsoDenied: "access_denied",
}


def oauth_error(refusal: Refusal) -> str:
    """The refusal as OAuth names it."""
    return next((name for kind, name in REDIRECTED.items() if isinstance(refusal, kind)), "server_error")
