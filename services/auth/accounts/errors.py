"""Refusals of accounts."""

from libs.errors import Conflict, Exhausted, Unauthenticated

RETRY_AFTER_SECONDS = 2


class UsernameTaken(Conflict):
    def __init__(self) -> None:
        super().__init__("This username is taken.", field="username")


class EmailTaken(Conflict):
    def __init__(self) -> None:
        super().__init__("This e-mail address is registered already.", field="email")


class AdministratorExists(Conflict):
    def __init__(self) -> None:
        super().__init__("There is a platform administrator already; say so (FORCE=1) if there shall be another.")


class AccountGone(Unauthenticated):
    """The token is good, but whom it was made for is no more, or has left the organization."""

    def __init__(self) -> None:
        super().__init__("The account of this token may no longer act here; sign in again.")


class TooManyPasswords(Exhausted):
    """The pool that hashes passwords is full."""

    def __init__(self) -> None:
        super().__init__(
            "Too many people are signing in at once; try again in a moment.", retry_after_seconds=RETRY_AFTER_SECONDS
        )
