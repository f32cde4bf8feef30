"""What the browser gets: pages, and redirects that carry `iss` (RFC 9207)."""

from urllib.parse import urlencode, urlsplit, urlunsplit

from orrery.auth.v1 import oauth_pb2 as pb

from libs.errors import Refusal
from services.auth.oauth.requests import Asked
from services.auth.oauth_clients import uris
from services.auth.oauth_clients.repository import Known
from services.auth.oauth_clients.rules import REFRESH_TOKEN
from services.auth.oauth_clients.scopes import OFFLINE

CODES = ("otp_required", "otp_invalid", "otp_locked")  # reasons after which the page asks for a code


def error_page(reason: str, message: str) -> pb.AuthorizeStep:
    """Nobody is sent anywhere: who asks is not proven."""
    return pb.AuthorizeStep(page=pb.PAGE_ERROR, reason=reason, message=message)


def page(kind: pb.Page.ValueType, known: Known, asked: Asked, sealed: str) -> pb.AuthorizeStep:
    return pb.AuthorizeStep(
        page=kind,
        request=sealed,
        client_name=known.client.name,
        publisher=known.publisher,
        scopes=shown_scopes(known, asked),
        login_hint=asked.login_hint,
        form_target=uris.form_source(asked.redirect_uri),
        destination=uris.destination(asked.redirect_uri),
        ui_locales=asked.ui_locales,
    )


def shown_scopes(known: Known, asked: Asked) -> list[str]:
    """What people are told: also that the access goes on while they are away, where the app may renew it."""
    renews = REFRESH_TOKEN in known.client.grant_types
    return list(dict.fromkeys([*asked.scopes, *([OFFLINE] if renews else [])]))


def with_refusal(step: pb.AuthorizeStep, refusal: Refusal) -> pb.AuthorizeStep:
    """The page, saying why its form was not taken."""
    step.reason, step.message = refusal.reason.lower(), refusal.message
    step.asks_otp = step.reason in CODES
    step.details.update(refusal.details)
    return step


def redirect(uri: str, issuer: str, state: str, **answer: str) -> pb.AuthorizeStep:
    """Back to the app."""
    told = {**answer, **({"state": state} if state else {}), "iss": issuer}
    return pb.AuthorizeStep(redirect=with_query(uri, told))


def with_query(uri: str, parameters: dict[str, str]) -> str:
    """The URI with more parameters; what it has stays as it is."""
    split = urlsplit(uri)
    query = "&".join(part for part in (split.query, urlencode(parameters)) if part)
    return urlunsplit(split._replace(query=query))
