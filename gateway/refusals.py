"""What the gateway itself turns away."""

from libs.errors import Exhausted, Forbidden, Invalid, NotFound, Refusal, Unavailable


class RouteNotFound(NotFound):
    def __init__(self) -> None:
        super().__init__("There is nothing at this path.")


class MethodNotAllowed(NotFound):
    """`allowed` are the methods that the path has."""

    def __init__(self, allowed: tuple[str, ...]) -> None:
        super().__init__("This path does not take this method.")
        self.allowed = allowed


class PayloadTooLarge(Invalid):
    def __init__(self, limit: int) -> None:
        super().__init__(f"The body is larger than {limit} bytes.", limit=limit)


class UnsupportedMediaType(Invalid):
    def __init__(self, expected: str = "application/json") -> None:
        super().__init__(f"Send the body as {expected} in UTF-8, without a content encoding.", expected=expected)


class UnsupportedVersion(Invalid):
    def __init__(self) -> None:
        super().__init__("There is no such version of this API; there is 1.", supported="1")


class RequestTimeout(Exhausted):
    def __init__(self) -> None:
        super().__init__("The body did not come in time.")


class FieldRefused(Forbidden):
    def __init__(self, field: str) -> None:
        super().__init__(f"This credential's permissions do not name the field {field}.", field=field)


class TextLimited(Forbidden):
    def __init__(self) -> None:
        super().__init__("This credential is limited to some fields and cannot read this.")


class SignaturesAway(Unavailable):
    def __init__(self) -> None:
        super().__init__("Signed requests are not taken here.")


class ClientGone(Exception):
    """The caller hung up before the answer; nobody is there to be refused."""


OWN: tuple[type[Refusal], ...] = (
    RouteNotFound,
    MethodNotAllowed,
    PayloadTooLarge,
    UnsupportedMediaType,
    UnsupportedVersion,
    RequestTimeout,
    SignaturesAway,
    FieldRefused,
    TextLimited,
)
