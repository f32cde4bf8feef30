"""Refusals of devices."""

from libs.errors import NotFound, Unauthenticated


class SessionNotFound(NotFound):
    """There is none, it has ended, or it is another person's."""

    def __init__(self) -> None:
        super().__init__("You have no such session.")


class SessionEnded(Unauthenticated):
    """The one that asks; a gateway may hear of its end a moment later."""

    def __init__(self) -> None:
        super().__init__("This session has ended; sign in again.")
