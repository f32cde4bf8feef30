"""Refusals of mailed tokens and of changes that need the password."""

from libs.errors import Invalid, Violation


class MailedTokenUnusable(Invalid):
    """Unknown, used or too old: nobody is told which."""

    def __init__(self) -> None:
        sentence = "This link is not valid any more; ask for a new mail."
        super().__init__(sentence, (Violation("token", sentence, "unusable"),))


class WrongPassword(Invalid):
    """Somebody who is signed in does not know the password."""

    def __init__(self, field: str) -> None:
        sentence = "This is not your password."
        super().__init__(sentence, (Violation(field, sentence, "wrong_password"),))
