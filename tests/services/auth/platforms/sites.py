"""Twitch and Google on this machine: their token endpoints and the APIs that links ask, as both document them.

People allow a link by `allow`, which plays the platform's page. Every address can be told to fail.
"""

import base64
import hashlib
import json
import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlsplit

CLIENT_ID, CLIENT_SECRET = "orrery-client", "hush-this-is-the-platform-secret"
PAGE = "https://app.orrery.test/callback"
TWITCH_TOKEN, TWITCH_USERS, TWITCH_VALIDATE = "/oauth2/token", "/helix/users", "/oauth2/validate"
GOOGLE_TOKEN, GOOGLE_USER, GOOGLE_CHANNELS = "/token", "/oauth2/v3/userinfo", "/youtube/v3/channels"
Json = Any
Answered = tuple[int, Json]


@dataclass
class Grant:
    """What somebody allowed, under its code, its access tokens or its refresh tokens."""

    platform: str
    scopes: list[str]
    redirect_uri: str
    challenge: str


@dataclass
class Sites:
    """Both platforms, and what they were asked."""

    url: str = ""
    codes: dict[str, Grant] = field(default_factory=dict)
    access: dict[str, Grant] = field(default_factory=dict)
    refresh: dict[str, Grant] = field(default_factory=dict)
    faults: dict[str, Callable[[BaseHTTPRequestHandler], None]] = field(default_factory=dict)
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    has_channel: bool = True
    lifetime: Json = 14124
    rotates: bool = True  # refresh tokens are good once
    twitch_user: dict[str, Json] = field(
        default_factory=lambda: {
            "id": "141981764",
            "login": "twitchdev",
            "display_name": "TwitchDev",
            "type": "",
            "broadcaster_type": "partner",
            "description": "Supporting third-party developers.",
            "profile_image_url": "https://static-cdn.jtvnw.net/jtv_user_pictures/8a6381c7.png",
            "offline_image_url": "https://static-cdn.jtvnw.net/jtv_user_pictures/offline.png",
            "view_count": 0,
            "created_at": "2016-12-14T20:32:28Z",
        }
    )
    google_user: dict[str, Json] = field(
        default_factory=lambda: {
            "sub": "110248495921238986420",
            "name": "Ada Lovelace",
            "given_name": "Ada",
            "picture": "https://lh3.googleusercontent.com/a/photo.jpg",
            "email": "ada@gmail.com",
            "email_verified": True,
        }
    )
    channel: dict[str, Json] = field(
        default_factory=lambda: {
            "kind": "youtube#channel",
            "id": "UC_x5XG1OV2P6uZZ5FSM9Ttw",
            "snippet": {
                "title": "Analytical Engines",
                "description": "Notes by the translator.",
                "publishedAt": "2007-08-23T00:34:43Z",
                "thumbnails": {
                    "default": {"url": "https://yt3.ggpht.com/s88.jpg", "width": 88, "height": 88},
                    "high": {"url": "https://yt3.ggpht.com/s800.jpg", "width": 800, "height": 800},
                },
            },
            "statistics": {"viewCount": "1000000", "subscriberCount": "1500", "hiddenSubscriberCount": False},
        }
    )

    def allow(self, url: str, *, scopes: str | None = None) -> tuple[str, str]:
        """Play the platform's page: code and state as the browser brings them back."""
        parts = urlsplit(url)
        asked = dict(parse_qsl(parts.query, strict_parsing=True))
        assert (asked["client_id"], asked["response_type"], asked["redirect_uri"]) == (CLIENT_ID, "code", PAGE)
        platform = "twitch" if parts.path == "/oauth2/authorize" else "youtube"
        assert parts.path in ("/oauth2/authorize", "/o/oauth2/auth")
        assert asked.get("code_challenge_method", "S256") == "S256"
        code = secrets.token_urlsafe(20)
        allowed = (asked["scope"] if scopes is None else scopes).split()
        self.codes[code] = Grant(platform, allowed, asked["redirect_uri"], asked.get("code_challenge", ""))
        return code, asked["state"]

    def count(self, path: str) -> int:
        return sum(one == path for one, _ in self.asked)

    def revoke(self) -> None:
        """Every account takes its permission back."""
        self.access.clear()
        self.refresh.clear()

    def answer(self, path: str, form: dict[str, str], headers: dict[str, str]) -> Answered:
        if path == TWITCH_TOKEN:
            return self.twitch_token(form)
        if path == GOOGLE_TOKEN:
            return self.google_token(form)
        if path == TWITCH_VALIDATE:
            return self.validate(headers)
        if path == TWITCH_USERS:
            return self.users(headers)
        return self.google(path, form, headers)

    def twitch_token(self, form: dict[str, str]) -> Answered:
        if form.get("client_id") != CLIENT_ID:
            return 400, {"status": 400, "message": "invalid client"}
        if form.get("client_secret") != CLIENT_SECRET:
            return 403, {"status": 403, "message": "invalid client secret"}
        if form.get("grant_type") == "refresh_token":
            grant = self.taken(self.refresh, form.get("refresh_token", ""), "twitch")
            refused = {"error": "Bad Request", "status": 400, "message": "Invalid refresh token"}
            return (200, self.issued(grant)) if grant else (400, refused)
        grant = self.codes.pop(form.get("code", ""), None)
        if grant is None or grant.platform != "twitch":
            return 400, {"status": 400, "message": "Invalid authorization code"}
        if form.get("redirect_uri") != grant.redirect_uri:
            return 400, {"status": 400, "message": "Parameter redirect_uri does not match registered URI"}
        return 200, self.issued(grant)

    def google_token(self, form: dict[str, str]) -> Answered:
        if form.get("client_id") != CLIENT_ID:
            return 401, {"error": "invalid_client", "error_description": "The OAuth client was not found."}
        if form.get("client_secret") != CLIENT_SECRET:
            return 401, {"error": "invalid_client", "error_description": "Unauthorized"}
        if form.get("grant_type") == "refresh_token":
            grant = self.taken(self.refresh, form.get("refresh_token", ""), "youtube")
            refused = {"error": "invalid_grant", "error_description": "Token has been expired or revoked."}
            return (200, self.renewed(grant)) if grant else (400, refused)
        grant = self.codes.pop(form.get("code", ""), None)
        if grant is None or grant.platform != "youtube":
            return 400, {"error": "invalid_grant", "error_description": "Malformed auth code."}
        if form.get("redirect_uri") != grant.redirect_uri:
            return 400, {"error": "redirect_uri_mismatch", "error_description": "Bad Request"}
        if grant.challenge and hashed(form.get("code_verifier", "")) != grant.challenge:
            return 400, {"error": "invalid_grant", "error_description": "Invalid code verifier."}
        return 200, {**self.issued(grant), "scope": " ".join(grant.scopes), "token_type": "Bearer"}

    def taken(self, known: dict[str, Grant], token: str, platform: str) -> Grant | None:
        found = known.get(token)
        if found is None or found.platform != platform:
            return None
        if self.rotates and platform == "twitch":
            del known[token]
        return found

    def issued(self, grant: Grant) -> Json:
        access, refresh = f"access-{secrets.token_hex(15)}", f"refresh-{secrets.token_hex(25)}"
        self.access[access] = self.refresh[refresh] = grant
        return {
            "access_token": access,
            "expires_in": self.lifetime,
            "refresh_token": refresh,
            "scope": grant.scopes,
            "token_type": "bearer",
        }

    def renewed(self, grant: Grant) -> Json:
        """Google gives no new refresh token."""
        issued = self.issued(grant)
        del self.refresh[issued.pop("refresh_token")]
        return {**issued, "scope": " ".join(grant.scopes)}

    def validate(self, headers: dict[str, str]) -> Answered:
        grant = self.access.get(headers.get("authorization", "").removeprefix("OAuth "))
        if grant is None:
            return 401, {"status": 401, "message": "invalid access token"}
        who = {"login": self.twitch_user["login"], "user_id": self.twitch_user["id"]}
        return 200, {"client_id": CLIENT_ID, "scopes": grant.scopes, "expires_in": self.lifetime, **who}

    def users(self, headers: dict[str, str]) -> Answered:
        if headers.get("client-id") != CLIENT_ID:
            return 401, {"error": "Unauthorized", "status": 401, "message": "Client ID is missing"}
        if not self.holder(headers, "twitch"):
            return 401, {"error": "Unauthorized", "status": 401, "message": "Invalid OAuth token"}
        return 200, {"data": [self.twitch_user] if self.has_channel else []}

    def google(self, path: str, query: dict[str, str], headers: dict[str, str]) -> Answered:
        grant = self.holder(headers, "youtube")
        if grant is None:
            return 401, {"error": {"code": 401, "message": "Invalid Credentials", "status": "UNAUTHENTICATED"}}
        if path == GOOGLE_USER:
            return 200, self.google_user
        if path != GOOGLE_CHANNELS or query != {"part": "snippet,statistics", "mine": "true"}:
            return 404, {"error": {"code": 404, "message": "Not found"}}
        found = {"kind": "youtube#channelListResponse", "pageInfo": {"totalResults": int(self.has_channel)}}
        return 200, {**found, "items": [self.channel]} if self.has_channel else found

    def holder(self, headers: dict[str, str], platform: str) -> Grant | None:
        found = self.access.get(headers.get("authorization", "").removeprefix("Bearer "))
        return found if found and found.platform == platform else None


def registered_at(url: str) -> dict[str, str]:
    """The settings of a deployment that both platforms at this URL know."""
    names = {"TWITCH": ("AUTH_URL", "API_URL"), "YOUTUBE": ("ACCOUNTS_URL", "TOKEN_URL", "API_URL")}
    found = {"ORRERY_PLATFORMS__REDIRECT_URIS": PAGE}
    for platform, addresses in names.items():
        own = {"CLIENT_ID": CLIENT_ID, "CLIENT_SECRET": CLIENT_SECRET, **dict.fromkeys(addresses, url)}
        found |= {f"ORRERY_PLATFORMS__{platform}__{name}": value for name, value in own.items()}
    return found


def hashed(verifier: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")


def answering(status: int, body: bytes, **headers: str) -> Callable[[BaseHTTPRequestHandler], None]:
    """A fault that answers so."""

    def fault(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        for name, value in {"content-type": "application/json", **headers}.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.send_header("content-length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)

    return fault


def dripping(handler: BaseHTTPRequestHandler) -> None:
    """An answer of which a byte comes now and then, so that no pause is long."""
    handler.send_response(200)
    handler.end_headers()
    for _ in range(100):
        handler.wfile.write(b" ")
        handler.wfile.flush()
        time.sleep(0.1)


def flooding(handler: BaseHTTPRequestHandler) -> None:
    """An answer of 64 MiB, unless its reader has enough before."""
    handler.send_response(200)
    handler.end_headers()
    for _ in range(64):
        handler.wfile.write(b" " * 1024 * 1024)


def hanging_up(handler: BaseHTTPRequestHandler) -> None:
    """No answer at all."""
    handler.close_connection = True


@contextmanager
def sites() -> Iterator[Sites]:
    found = Sites()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *said: object) -> None:
            """Nothing: the tests look at `asked`."""

        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            self.reply(parts.path, dict(parse_qsl(parts.query)))

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"])).decode()
            assert self.headers["content-type"] == "application/x-www-form-urlencoded"
            self.reply(self.path, {name: values[0] for name, values in parse_qs(body).items()})

        def reply(self, path: str, form: dict[str, str]) -> None:
            found.asked.append((path, form))
            if fault := found.faults.get(path):
                with suppress(OSError):  # its reader had enough
                    fault(self)
                self.close_connection = True
                return
            headers = {name.lower(): value for name, value in self.headers.items()}
            status, body = found.answer(path, form, headers)
            answering(status, json.dumps(body).encode())(self)

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    found.url = f"http://127.0.0.1:{server.server_port}"
    Thread(target=server.serve_forever, daemon=True).start()
    yield found
    server.shutdown()
    server.server_close()
