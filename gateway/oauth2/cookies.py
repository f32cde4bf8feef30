"""The cookie of a browser on these pages: who signed in is known to auth alone.

Lax: it comes along when an app sends the browser here. `__Secure-` keeps pages without HTTPS from setting it.
"""

from urllib.parse import urlsplit

from fastapi import Request, Response

NAME = "orrery-signin"
PATH = "/oauth2"


class Cookie:
    """Of one origin."""

    def __init__(self, public_url: str) -> None:
        self._is_secure = urlsplit(public_url).scheme == "https"
        self.name = f"__Secure-{NAME}" if self._is_secure else NAME

    def read(self, request: Request) -> str:
        """Empty where there is none."""
        return request.cookies.get(self.name, "")

    def leave(self, response: Response, value: str) -> None:
        """Until the browser is closed; auth forgets who signed in after twelve hours."""
        response.set_cookie(self.name, value, path=PATH, secure=self._is_secure, httponly=True, samesite="lax")
