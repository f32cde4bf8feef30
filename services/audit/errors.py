"""Refusals of audit."""

from libs.errors import Forbidden


class OrganizationMissing(Forbidden):
    def __init__(self) -> None:
        super().__init__("This credential acts for no organization, and logs belong to one.")
