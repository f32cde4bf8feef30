"""Who a client is (RFC 6749 §2.3): by HTTP Basic, by the form, or, of a public client, by its id alone."""

import binascii
from base64 import b64decode
from dataclasses import dataclass
from urllib.parse import unquote_plus

from orrery.auth.oauth.v1 import events_pb2 as events

from libs import outbox
from libs.database import Session, Tenant
from services.auth.oauth.errors import InvalidClient, InvalidRequest
from services.auth.oauth.forms import Form
from services.auth.oauth_clients import client_secrets
from services.auth.oauth_clients.repository import Clients, Known
from services.auth.sessions.client import Client

LONGEST_ID = 100
UNKNOWN, WRONG, MISSING, UNEXPECTED = "unknown_client", "wrong_secret", "no_secret", "unexpected_secret"


@dataclass(frozen=True, slots=True)
class Claimed:
    """Who a client says it is, and its proof; the secret is empty where none came."""

    client_id: str
    secret: str = ""


def claimed(form: Form, authorization: str) -> Claimed:
    """Raises InvalidClient for credentials that are none, InvalidRequest for two kinds of them at once."""
    if not authorization:
        return Claimed(form.need("client_id"), form.get("client_secret"))
    if form.get("client_secret"):
        raise InvalidRequest("The client authenticates in two ways at once.")
    found = basic(authorization)
    if form.get("client_id") not in ("", found.client_id):
        raise InvalidRequest("The client_id is not that of the Authorization header.")
    return found


def basic(authorization: str) -> Claimed:
    """Id and secret are form-encoded inside of Basic's base64 (RFC 6749 §2.3.1)."""
    scheme, _, encoded = authorization.partition(" ")
    try:
        client_id, colon, secret = b64decode(encoded.strip(), validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        raise InvalidClient from None
    if scheme.lower() != "basic" or not colon:
        raise InvalidClient
    return Claimed(unquote_plus(client_id), unquote_plus(secret))


async def prove(session: Session, claim: Claimed, client: Client) -> Known | None:
    """The client, once it has proven to be it; None and an event where it has not, for that must be committed."""
    known = await Clients(session).known(claim.client_id)
    fault = UNKNOWN if known is None else fault_of(known, claim.secret)
    if not fault:
        return known
    told = events.ClientRefused(
        number=known.client.number if known else 0,
        client_id=claim.client_id.replace("\0", "")[:LONGEST_ID],
        reason=fault,
        address=client.spelled,
    )
    outbox.publish(session, told, key=told.client_id or UNKNOWN, by=known.owner if known else Tenant())
    return None


def fault_of(known: Known, secret: str) -> str:
    """Why the secret does not prove this client; empty where it does."""
    stored = known.client.secret_hash
    if stored is None:
        return UNEXPECTED if secret else ""
    if not secret:
        return MISSING
    return "" if client_secrets.is_right(secret, stored) else WRONG
