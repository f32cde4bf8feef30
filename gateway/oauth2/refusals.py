"""Refusals as OAuth tells them: `error` and `error_description` (RFC 6749 §5.2, RFC 6750 §3)."""

import orjson
from fastapi import Request, Response

from gateway.exchange import exchange_of
from gateway.problems import STATUS, kind_of
from libs.errors import Exhausted, Forbidden, Invalid, Refusal, Unauthenticated, Unavailable

JSON = "application/json"
NO_STORE = {"cache-control": "no-store", "pragma": "no-cache"}
REALM = 'realm="orrery"'
OWN = {
    "INVALID_REQUEST": 400,
    "INVALID_CLIENT": 401,
    "INVALID_GRANT": 400,
    "INVALID_SCOPE": 400,
    "UNAUTHORIZED_CLIENT": 400,
    "UNSUPPORTED_GRANT_TYPE": 400,
}
SIZES = {"PAYLOAD_TOO_LARGE": 413, "UNSUPPORTED_MEDIA_TYPE": 415, "REQUEST_TIMEOUT": 408}


def of_client(refusal: Refusal, request: Request) -> Response:
    """What a client is told at the token endpoint and its neighbours."""
    status, error = meaning(refusal)
    headers = {**NO_STORE, **waiting(refusal, request)}
    if status == 401:
        headers["www-authenticate"] = f"Basic {REALM}"
    return told(status, error, refusal.message, headers)


def meaning(refusal: Refusal) -> tuple[int, str]:
    """The status and the error's code."""
    if refusal.reason in OWN:
        return OWN[refusal.reason], refusal.reason.lower()
    if refusal.reason in SIZES:
        return SIZES[refusal.reason], "invalid_request"
    kind = kind_of(refusal)
    if kind is Invalid:
        return 400, "invalid_request"
    return STATUS[kind], "temporarily_unavailable" if issubclass(kind, Exhausted | Unavailable) else "server_error"


def of_bearer(refusal: Refusal, request: Request) -> Response:
    """What the bearer of an access token is told at userinfo."""
    kind = kind_of(refusal)
    if kind is Forbidden and refusal.reason != "INSUFFICIENT_SCOPE":
        return told(403, "access_denied", refusal.message, NO_STORE)
    if kind is Forbidden:
        challenge = f'Bearer {REALM}, error="insufficient_scope", scope="openid"'
        return told(403, "insufficient_scope", refusal.message, {**NO_STORE, "www-authenticate": challenge})
    if kind is Unauthenticated:
        is_shown = b"authorization" in exchange_of(request.scope).headers
        challenge = f'Bearer {REALM}, error="invalid_token"' if is_shown else f"Bearer {REALM}"
        return told(401, "invalid_token", refusal.message, {**NO_STORE, "www-authenticate": challenge})
    return of_client(refusal, request)


def waiting(refusal: Refusal, request: Request) -> dict[str, str]:
    """Retry-After, and what is left of a rate limit."""
    if allowance := getattr(refusal, "allowance", None):
        exchange_of(request.scope).allowance = allowance
    seconds = refusal.details.get("retry_after_seconds", "")
    return {"retry-after": seconds} if seconds.isdecimal() else {}


def told(status: int, error: str, description: str, headers: dict[str, str]) -> Response:
    body = {"error": error, "error_description": plain(description)}
    return Response(orjson.dumps(body), status, headers, JSON)


def plain(text: str) -> str:
    """The characters that an error_description may have: printable ASCII without quotation marks and backslashes."""
    return "".join("'" if one in '"\\' else one for one in text if " " <= one <= "~")
