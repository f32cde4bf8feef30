"""Refusals of keys."""

from libs.errors import Conflict, NotFound, Unavailable


class KeysNotReady(Unavailable):
    """No key can sign: the database was not reached yet, or the key was sealed under another master key."""

    def __init__(self) -> None:
        super().__init__("Nobody can be signed in for a moment; try again.")


class KeyWaiting(Conflict):
    def __init__(self, kid: str) -> None:
        super().__init__("A new key is published already and waits to sign.", kid=kid)


class KeyNotFound(NotFound):
    def __init__(self, kid: str) -> None:
        super().__init__("There is no live key of this id.", kid=kid)
