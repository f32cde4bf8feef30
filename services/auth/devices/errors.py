"""Refusals of devices."""

from libs.errors import NotFound


class SessionNotFound(NotFound):
    """There is none, it has ended, or it is another person's."""

    def __init__(self) -> None:
        super().__init__("You have no such session.")
