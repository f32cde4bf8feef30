"""Refusals of members."""

from libs.errors import Conflict, NotFound


class MemberNotFound(NotFound):
    def __init__(self) -> None:
        super().__init__("There is no such member in this organization.")


class HeirSuspended(Conflict):
    def __init__(self) -> None:
        super().__init__("A suspended account cannot own an organization.")
