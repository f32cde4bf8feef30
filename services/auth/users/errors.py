"""Refusals of users."""

from libs.errors import Conflict, NotFound


class UserNotFound(NotFound):
    def __init__(self) -> None:
        super().__init__("There is no such person in your organization.")


class OwnAccount(Conflict):
    def __init__(self) -> None:
        super().__init__("Nobody suspends their own account.")
