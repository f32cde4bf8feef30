"""The URLs that browsers are sent to."""

from collections.abc import Mapping
from urllib.parse import quote, urlencode

from libs.errors import Refusal
from services.auth.sso import browser
from services.auth.sso.errors import oauth_error
from services.auth.sso.issuer import Metadata
from services.auth.sso.provider import SsoProviderSettings
from services.auth.sso.repository import Flow


def extended(url: str, parameters: Mapping[str, str | None]) -> str:
    """The URL with these parameters more; those that are None are left out."""
    given = {name: value for name, value in parameters.items() if value is not None}
    return f"{url}{'&' if '?' in url else '?'}{urlencode(given, quote_via=quote)}"


def to_issuer(metadata: Metadata, provider: SsoProviderSettings, callback: str, state: str, secret: str) -> str:
    """The authorization request (RFC 6749, RFC 7636, OpenID Connect Core)."""
    asked = {
        "response_type": "code",
        "client_id": provider.client_id,
        "redirect_uri": callback,
        "scope": provider.scopes,
        "state": state,
        "nonce": browser.nonce(secret),
        "code_challenge": browser.challenge(browser.verifier(secret)),
        "code_challenge_method": "S256",
    }
    return extended(metadata.authorization_endpoint, asked)


def to_app(flow: Flow, code: str) -> str:
    """Back to the app, with a one-time code."""
    return extended(flow.redirect_uri, {"code": code, "state": flow.app_state})


def to_app_refused(flow: Flow, refusal: Refusal) -> str:
    """Back to the app, with the reason why not."""
    told = {
        "error": oauth_error(refusal),
        "error_reason": refusal.reason,
        "error_description": refusal.message,
        "state": flow.app_state,
    }
    return extended(flow.redirect_uri, told)


def to_logout(endpoint: str, provider: SsoProviderSettings, id_token: str | None, target: str | None) -> str:
    """The issuer's logout (OpenID Connect RP-Initiated Logout 1.0)."""
    asked = {"id_token_hint": id_token, "client_id": provider.client_id, "post_logout_redirect_uri": target}
    return extended(endpoint, asked)
