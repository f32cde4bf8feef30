"""Whom an access token is made for."""

from dataclasses import dataclass
from typing import NamedTuple
from uuid import UUID

from orrery.identity.v1.identity_pb2 import Grant

from services.auth.accounts.models import Account
from services.auth.sessions.limits import Limits


class Me(NamedTuple):
    """An account as its owner sees it."""

    user_id: int
    id: UUID
    username: str
    email: str
    shown_name: str
    is_admin: bool

    @classmethod
    def of(cls, account: Account) -> "Me":
        names = account.username, account.email, account.shown_name
        return cls(account.user_id, account.id, *names, account.is_admin)


@dataclass(frozen=True, slots=True)
class Holder:
    """An account that acts for one of its organizations, in a role. Transactions and events take it as who acts."""

    account: Me
    organization_id: str
    role: str
    grants: tuple[Grant, ...] = ()  # what a role of the organization's own permits; empty where it is a system role
    limits: Limits = Limits()  # noqa: RUF009  # frozen

    @property
    def user_id(self) -> int:
        return self.account.user_id
