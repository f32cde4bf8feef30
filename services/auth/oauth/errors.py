"""Refusals of the token endpoint, named as RFC 6749 §5.2 names them: a reason in lower case is the error's code."""

from libs.errors import Forbidden, Invalid, Unauthenticated


class InvalidRequest(Invalid):
    def __init__(self, message: str) -> None:
        super().__init__(message)


class InvalidClient(Unauthenticated):
    """Unknown, or not proven to be the one it says it is; which of them is nobody's business."""

    def __init__(self) -> None:
        super().__init__("The client is unknown, or its authentication failed.")


class InvalidGrant(Invalid):
    """Unknown, used before, expired, revoked, or another client's."""

    def __init__(self) -> None:
        super().__init__("The authorization code or refresh token is not valid.")


class InvalidScope(Invalid):
    def __init__(self) -> None:
        super().__init__("The scope is unknown, or more than may be granted.")


class UnauthorizedClient(Invalid):
    def __init__(self) -> None:
        super().__init__("The client may not use this grant type.")


class UnsupportedGrantType(Invalid):
    def __init__(self) -> None:
        super().__init__("There are the grant types authorization_code, client_credentials and refresh_token.")


class InvalidToken(Unauthenticated):
    """RFC 6750 §3.1."""

    def __init__(self) -> None:
        super().__init__("The access token is no good here.")


class InsufficientScope(Forbidden):
    """RFC 6750 §3.1."""

    def __init__(self) -> None:
        super().__init__("The access token lacks the scope openid.")
