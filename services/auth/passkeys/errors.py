"""Refusals of passkeys."""

from libs.errors import Conflict, Invalid, NotFound, Unauthenticated


class ChallengeRefused(Invalid):
    """Unknown, expired, answered before, or another person's."""

    def __init__(self) -> None:
        super().__init__("This challenge is not good any more; ask for new options.")


class PasskeyNotVerified(Invalid):
    """What the browser sent proves no new passkey of this site."""

    def __init__(self) -> None:
        super().__init__("The passkey could not be verified.")


class PasskeyRefused(Unauthenticated):
    """Unknown, not verified, or of somebody who may not sign in; nobody is told which."""

    def __init__(self) -> None:
        super().__init__("This passkey cannot sign in here.")


class PasskeyKnown(Conflict):
    def __init__(self) -> None:
        super().__init__("This passkey is registered already.")


class TooManyPasskeys(Conflict):
    def __init__(self, most: int) -> None:
        super().__init__(f"An account has at most {most} passkeys; remove one first.", limit=most)


class PasskeyNotFound(NotFound):
    def __init__(self) -> None:
        super().__init__("There is no such passkey.")
