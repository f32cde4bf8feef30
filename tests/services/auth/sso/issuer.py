"""An OpenID Connect issuer of these tests: real keys, real HTTP on the loopback interface, and every misbehaviour."""

import asyncio
import hashlib
import json
import secrets
import time
from base64 import b64decode, urlsafe_b64encode
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, parse_qsl, unquote_plus, urlsplit

import jwt
import uvicorn
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1
from cryptography.hazmat.primitives.asymmetric.ec import generate_private_key as new_ec_key
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from jwt.algorithms import ECAlgorithm, OKPAlgorithm, RSAAlgorithm
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

CLIENT, SECRET, AUDIENCE = "orrery-app", "s3cret: of+ours", "orrery-api"
LOGOUT = "http://schemas.openid.net/event/backchannel-logout"
Claims = dict[str, Any]
Page = Callable[[Request], Awaitable[Response]]
MAKERS = {"RS256": RSAAlgorithm, "PS256": RSAAlgorithm, "ES256": ECAlgorithm, "EdDSA": OKPAlgorithm}


def new_key(alg: str) -> Any:
    if alg == "ES256":
        return new_ec_key(SECP256R1())
    return Ed25519PrivateKey.generate() if alg == "EdDSA" else generate_private_key(65537, 2048)


@dataclass
class Granted:
    """A sign-in at the issuer that was granted."""

    claims: Claims
    nonce: str
    challenge: str
    redirect_uri: str
    at: float = field(default_factory=time.time)


@dataclass
class Issuer:
    """The issuer; attributes bend it."""

    url: str = ""
    alg: str = "RS256"
    kid: str = "first"
    keys: dict[str, Any] = field(default_factory=dict)
    metadata: Claims = field(default_factory=dict)  # what discovery says otherwise
    claims: Claims = field(default_factory=dict)  # what ID tokens say otherwise; None leaves a claim out
    header: Claims = field(default_factory=dict)
    granted: dict[str, Granted] = field(default_factory=dict)
    pages: dict[str, Page] = field(default_factory=dict)  # paths that are answered otherwise
    hits: dict[str, int] = field(default_factory=dict)
    make_id_token: Callable[[Claims], str] | None = None
    shown_keys: list[Claims] | None = None
    authorization: str = ""  # the client's, as it was last sent

    def add_key(self, kid: str, alg: str = "RS256") -> Any:
        self.keys[kid] = new_key(alg)
        return self.keys[kid]

    def discovery(self) -> Claims:
        return {
            "issuer": self.url,
            "authorization_endpoint": f"{self.url}/authorize?tenant=1",
            "token_endpoint": f"{self.url}/token",
            "jwks_uri": f"{self.url}/jwks",
            "end_session_endpoint": f"{self.url}/logout",
            "id_token_signing_alg_values_supported": ["RS256", "PS256", "ES256", "EdDSA"],
            "authorization_response_iss_parameter_supported": True,
            **self.metadata,
        }

    def jwks(self) -> Claims:
        if self.shown_keys is not None:
            return {"keys": self.shown_keys}
        return {"keys": [public(kid, key) for kid, key in self.keys.items()]}

    def authorize(self, url: str, **claims: Any) -> dict[str, str]:
        """Grant the sign-in that a browser was sent with; the answer's parameters."""
        assert url.startswith(f"{self.url}/authorize?tenant=1&")
        asked = {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
        assert (asked["response_type"], asked["client_id"]) == ("code", CLIENT)
        assert asked["code_challenge_method"] == "S256"
        code = secrets.token_urlsafe(16)
        self.granted[code] = Granted(claims, asked["nonce"], asked["code_challenge"], asked["redirect_uri"])
        return {"code": code, "state": asked["state"], "iss": self.url}

    def signed(self, claims: Claims, *, kid: str | None = None, alg: str | None = None, **header: Any) -> str:
        """A JWT of exactly these claims."""
        kid, alg = kid or self.kid, alg or self.alg
        return jwt.encode(claims, self.keys[kid], algorithm=alg, headers={"kid": kid, **self.header, **header})

    def access_token(self, **claims: Any) -> str:
        """A bearer for our API, but for what is given."""
        return self.signed(kept(self.said({"aud": AUDIENCE, "typ": "Bearer", "azp": "somebody", **claims})))

    def logout_token(self, **claims: Any) -> str:
        told = {"aud": CLIENT, "jti": secrets.token_hex(8), "events": {LOGOUT: {}}, "sub": None, **claims}
        return self.signed(kept(self.said(told)), typ="logout+jwt")

    def said(self, more: Claims) -> Claims:
        now = int(time.time())
        return {"iss": self.url, "sub": "s-1", "iat": now, "exp": now + 300, **more}

    async def serve(self, request: Request) -> Response:
        path = request.url.path
        self.hits[path] = self.hits.get(path, 0) + 1
        if path in self.pages:
            return await self.pages[path](request)
        if path == "/.well-known/openid-configuration":
            return JSONResponse(self.discovery())
        if path == "/jwks":
            return JSONResponse(self.jwks())
        return await self.token(request)

    async def token(self, request: Request) -> Response:
        form = dict(parse_qsl((await request.body()).decode()))
        self.authorization = request.headers.get("authorization", "")
        granted = self.granted.pop(form["code"], None)
        proof = urlsafe_b64encode(hashlib.sha256(form["code_verifier"].encode()).digest()).rstrip(b"=").decode()
        is_good = granted is not None and granted.challenge == proof and granted.redirect_uri == form["redirect_uri"]
        if granted is None or not is_good or not self.is_client(form):
            return JSONResponse({"error": "invalid_grant"}, 400)
        access = secrets.token_urlsafe(24)
        claims = self.said(
            {"aud": CLIENT, "nonce": granted.nonce, "at_hash": at_hash(access, self.alg), "sid": "sid-1"}
            | granted.claims
            | self.claims
        )
        make = self.make_id_token or self.signed
        return JSONResponse({"id_token": make(kept(claims)), "access_token": access, "token_type": "Bearer"})

    def is_client(self, form: dict[str, str]) -> bool:
        if self.authorization:
            user, _, secret = b64decode(self.authorization.removeprefix("Basic ")).decode().partition(":")
            return (unquote_plus(user), unquote_plus(secret)) == (CLIENT, SECRET)
        return (form.get("client_id"), form.get("client_secret")) == (CLIENT, SECRET)


def pristine(issuer: Issuer) -> Issuer:
    """The issuer as it was before another test bent it; with the keys that it has shown, the first one."""
    keys = {kid: key for kid, key in issuer.keys.items() if kid.startswith(("first", "of-"))}
    vars(issuer).update(vars(Issuer(url=issuer.url, keys=keys or {"first": new_key("RS256")})))
    return issuer


def kept(claims: Claims) -> Claims:
    return {name: value for name, value in claims.items() if value is not None}


def at_hash(token: str, alg: str) -> str:
    digest = (hashlib.sha512 if alg == "EdDSA" else hashlib.sha256)(token.encode()).digest()
    return urlsafe_b64encode(digest[: len(digest) // 2]).rstrip(b"=").decode()


def public(kid: str, key: Any) -> Claims:
    kind = RSAAlgorithm if isinstance(key, RSAPrivateKey) else ECAlgorithm if hasattr(key, "curve") else OKPAlgorithm
    made: Claims = json.loads(kind.to_jwk(key.public_key()))
    return {**{name: made[name] for name in made if name != "key_ops"}, "kid": kid, "use": "sig"}


@asynccontextmanager
async def running() -> AsyncIterator[Issuer]:
    """An issuer on a free port."""
    issuer = Issuer()
    issuer.add_key("first")
    app = Starlette(routes=[Route("/{path:path}", issuer.serve, methods=["GET", "POST"])])
    config = uvicorn.Config(app, host="127.0.0.1", port=0, log_level="error", lifespan="off")
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server._serve())
    while not server.started:  # noqa: ASYNC110  # uvicorn tells nobody
        await asyncio.sleep(0.01)
    issuer.url = f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    yield issuer
    server.should_exit = True
    await serving
