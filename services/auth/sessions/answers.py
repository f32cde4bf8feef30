"""Tokens as protos, under the names that each family of the API has for them."""

from orrery.auth.v1 import accounts_pb2, sessions_pb2

from services.auth.accounts import answers
from services.auth.sessions.operations import Entry
from services.auth.sessions.tokens import LIFETIME_SECONDS

BEARER = "bearer"


def signed_in(entry: Entry, access_token: str) -> accounts_pb2.SignedIn:
    return accounts_pb2.SignedIn(
        user=answers.account(entry.holder.account),
        token=access_token,
        refresh_token_camel=entry.refresh_token,
        access_token=access_token,
        refresh_token=entry.refresh_token,
        token_type=BEARER,
        expires_in=LIFETIME_SECONDS,
    )


def refreshed(entry: Entry, access_token: str) -> sessions_pb2.RefreshedTokens:
    return sessions_pb2.RefreshedTokens(
        token=access_token,
        refresh_token_camel=entry.refresh_token,
        access_token=access_token,
        refresh_token=entry.refresh_token,
        token_type=BEARER,
        expires_in=LIFETIME_SECONDS,
    )


def pair(entry: Entry, access_token: str) -> sessions_pb2.TokenPair:
    return sessions_pb2.TokenPair(
        access_token=access_token,
        refresh_token=entry.refresh_token,
        token_type=BEARER,
        expires_in=LIFETIME_SECONDS,
    )
