"""What may be registered as an app."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from libs.errors import Violation
from services.auth.fields import name_violations, refuse
from services.auth.oauth_clients import uris
from services.auth.oauth_clients.scopes import GRANTABLE, OF_PEOPLE, ordered

AUTHORIZATION_CODE, REFRESH_TOKEN, CLIENT_CREDENTIALS = "authorization_code", "refresh_token", "client_credentials"
GRANT_TYPES = (AUTHORIZATION_CODE, REFRESH_TOKEN, CLIENT_CREDENTIALS)  # no implicit, no password: RFC 9700 §2
LONGEST_NAME = 100
MOST_URIS, MOST_CLIENTS = 20, 100


@dataclass(frozen=True, slots=True)
class Registration:
    """All that is registered of an app."""

    name: str
    redirect_uris: list[str]
    post_logout_redirect_uris: list[str]
    grant_types: list[str]
    scopes: list[str]
    is_public: bool


def admit(asked: Registration) -> Registration:
    """The registration in its one order; raises Invalid with every field that breaks its rule."""
    refuse(
        *name_violations("name", asked.name, LONGEST_NAME),
        *uri_violations("redirect_uris", asked.redirect_uris),
        *uri_violations("post_logout_redirect_uris", asked.post_logout_redirect_uris),
        *grant_violations(asked),
        *scope_violations(asked),
    )
    return replace(
        asked,
        redirect_uris=list(dict.fromkeys(asked.redirect_uris)),
        post_logout_redirect_uris=list(dict.fromkeys(asked.post_logout_redirect_uris)),
        grant_types=[one for one in GRANT_TYPES if one in asked.grant_types],
        scopes=ordered(frozenset(asked.scopes)),
    )


def uri_violations(field: str, found: list[str]) -> Iterator[Violation]:
    if len(found) > MOST_URIS:
        yield Violation(field, f"There may be at most {MOST_URIS}.", "too_many")
    for place, uri in enumerate(found[:MOST_URIS]):
        if wrong := uris.fault(uri):
            yield Violation(f"{field}[{place}]", wrong, "invalid_uri")


def grant_violations(asked: Registration) -> Iterator[Violation]:
    kinds = set(asked.grant_types)
    if not kinds or kinds - set(GRANT_TYPES):
        yield Violation("grant_types", f"These are some of {', '.join(GRANT_TYPES)}.", "unknown")
    if AUTHORIZATION_CODE in kinds and not asked.redirect_uris:
        yield Violation("redirect_uris", "The grant type authorization_code needs one.", "required")
    if REFRESH_TOKEN in kinds and AUTHORIZATION_CODE not in kinds:
        yield Violation("grant_types", "The grant type refresh_token needs authorization_code.", "invalid")
    if CLIENT_CREDENTIALS in kinds and asked.is_public:
        yield Violation("grant_types", "A public client has no secret for client_credentials.", "invalid")


def scope_violations(asked: Registration) -> Iterator[Violation]:
    unknown = sorted(set(asked.scopes) - GRANTABLE)
    if unknown or not asked.scopes:
        named = f": {', '.join(unknown)[:200]}" if unknown else ""
        yield Violation("scopes", f"These must be known scopes, one at least{named}.", "unknown_scope")
    elif set(asked.grant_types) == {CLIENT_CREDENTIALS} and set(asked.scopes) & OF_PEOPLE:
        yield Violation("scopes", "Without a person signing in, the scopes of OpenID Connect mean nothing.", "invalid")
