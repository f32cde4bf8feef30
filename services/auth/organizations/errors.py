"""Refusals of organizations."""

from libs.errors import Conflict


class DomainTaken(Conflict):
    def __init__(self) -> None:
        super().__init__("This tenant domain exists already; joining it needs an invitation.", field="tenant_domain")
