"""Telling every gateway that credentials are good no more, before their time is over."""

from enum import StrEnum

from orrery.auth.sessions.v1 import events_pb2 as events

from libs import outbox
from libs.database import Session
from libs.database.tenant import Caller


class Kind(StrEnum):
    """What is named; gateway/identity/revocations.py knows the same words."""

    SESSION = "session"
    GRANT = "grant"  # what a person allowed a third-party app
    ACCOUNT = "account"  # by the account's UUID
    MEMBERSHIP = "membership"
    ORGANIZATION = "organization"
    API_TOKEN = "api_token"  # noqa: S105  # a word, no token
    API_KEY = "api_key"


def membership(organization_id: object, user_id: int) -> str:
    """The id of a membership."""
    return f"{organization_id}:{user_id}"


def invalidate(
    session: Session,
    kind: Kind,
    what: object,
    reason: str,
    *,
    user_id: int = 0,
    by: Caller | None = None,
) -> None:
    """Stage the news; gateways have it within a second of the commit.

    A session or grant is over for good. For the other kinds an access token issued before now is refused as expired:
    its holder renews it, and that tells whether they still may.
    """
    told = events.CredentialsInvalidated(kind=kind, id=str(what), user_id=user_id, reason=reason)
    outbox.publish(session, told, key=str(what), by=by)
