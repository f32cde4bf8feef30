"""Refusals of mails."""

from libs.errors import Conflict, NotFound


class MailboxOff(NotFound):
    """There is a development mailbox in development alone."""

    def __init__(self) -> None:
        super().__init__("There is no such page.")


class MailNotFound(NotFound):
    def __init__(self) -> None:
        super().__init__("There is no such mail.")


class AddressUnusable(Conflict):
    """No server could take a mail to this address."""

    def __init__(self) -> None:
        super().__init__("No mail can be sent to this address.")


class MailRefused(Conflict):
    """The server said that it will never take this mail; `answer` is its words."""

    def __init__(self, answer: str) -> None:
        super().__init__("The mail server refuses this mail.", answer=answer)
