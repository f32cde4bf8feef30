"""Refusals of throttles."""

from libs.errors import Exhausted

MAIL_SECONDS = 600


class TooManyAttempts(Exhausted):
    """It says the same of a name that nobody has."""

    def __init__(self, seconds: int) -> None:
        super().__init__(
            "Too many attempts; wait a moment, or choose a new password by mail.", retry_after_seconds=max(1, seconds)
        )


class TooManyMails(Exhausted):
    """Anybody's mailbox can be filled by asking often."""

    def __init__(self) -> None:
        super().__init__(
            "Too many mails were asked for; look for the last one, or try again later.",
            retry_after_seconds=MAIL_SECONDS,
        )
