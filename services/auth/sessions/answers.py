"""Tokens as protos, under the names that each family of the API has for them."""

from orrery.auth.v1 import accounts_pb2, sessions_pb2

from services.auth.accounts import answers
from services.auth.sessions.operations import Entry

BEARER = "bearer"


def signed_in(entry: Entry, access_token: str) -> accounts_pb2.SignedIn:
    return accounts_pb2.SignedIn(
        user=answers.account(entry.holder.account),
        token=access_token,
        refresh_token_camel=entry.refresh_token,
        access_token=access_token,
        refresh_token=entry.refresh_token,
        token_type=BEARER,
        expires_in=lifetime(entry),
    )


def refreshed(entry: Entry, access_token: str) -> sessions_pb2.RefreshedTokens:
    return sessions_pb2.RefreshedTokens(
        token=access_token,
        refresh_token_camel=entry.refresh_token,
        access_token=access_token,
        refresh_token=entry.refresh_token,
        token_type=BEARER,
        expires_in=lifetime(entry),
    )


def pair(entry: Entry, access_token: str) -> sessions_pb2.TokenPair:
    return sessions_pb2.TokenPair(
        access_token=access_token,
        refresh_token=entry.refresh_token,
        token_type=BEARER,
        expires_in=lifetime(entry),
    )


def lifetime(entry: Entry) -> int:
    """Seconds that its access tokens live."""
    return int(entry.holder.limits.token_lifetime.total_seconds())
