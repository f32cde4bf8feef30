"""What a browser keeps while it is at the issuer: one cookie for each sign-in, gone when that ends.

`__Host-`: set by this very origin, over HTTPS, sent to no other (RFC 6265bis). Lax: it must come along when the issuer
sends the browser back.
"""

import re
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import Response

STATE = re.compile(r"[A-Za-z0-9_-]{43}")
NAME = "orrery-sso-"
TELLING = 16  # characters of the state: enough to tell a browser's sign-ins apart
SECRET = STATE


class Cookies:
    """Cookies of one origin."""

    def __init__(self, public_url: str) -> None:
        self._is_secure = urlsplit(public_url).scheme == "https"
        self._prefix = f"__Host-{NAME}" if self._is_secure else NAME

    def read(self, request: Request, state: str) -> str:
        """The secret of a sign-in; empty where this browser has none."""
        found = request.cookies.get(self._name(state), "") if STATE.fullmatch(state) else ""
        return found if SECRET.fullmatch(found) else ""

    def leave(self, response: Response, state: str, secret: str, seconds: int) -> None:
        response.set_cookie(
            self._name(state), secret, max_age=seconds, path="/", secure=self._is_secure, httponly=True, samesite="lax"
        )

    def clear(self, response: Response, state: str) -> None:
        if STATE.fullmatch(state):
            response.delete_cookie(self._name(state), path="/", secure=self._is_secure, httponly=True, samesite="lax")

    def _name(self, state: str) -> str:
        return self._prefix + state[:TELLING]
