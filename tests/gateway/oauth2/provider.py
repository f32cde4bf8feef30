"""A provider at a real port: the gateway over auth, and the browser of somebody who uses it."""

import asyncio
import secrets
from base64 import urlsafe_b64encode
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from hashlib import sha256
from html.parser import HTMLParser
from pathlib import Path
from typing import Any, Self
from urllib.parse import parse_qsl, urlencode, urlsplit

import httpx
import uvicorn
from orrery.auth.v1.accounts_pb2 import SignedIn
from starlette.types import ASGIApp

from gateway.app import Parts, Public, application
from gateway.health import Health
from gateway.identity import Authenticator, Keys, NoCredentials, Proxies, Revocations, Tokens, keys_of
from gateway.server import http_server
from gateway.worker import KEYS_SECONDS, LIST_KEYS
from libs.kafka import Kafka
from libs.rpc import Client, Signer
from libs.settings import DatabaseSettings, KafkaSettings, TlsSettings
from tests.gateway.fleet import Counting, Rows
from tests.gateway.process.gateways import until
from tests.services.auth.house import AUDIENCE, PASSWORD, House, open_house
from tools.stack import ports

SERVICES = ("auth", "media", "audit", "ai_inference", "domain_data", "control_plane")
CALLBACK = "https://app.example/callback"
SCOPES = ["openid", "profile", "email", "media:read", "media:write"]
ALL_GRANTS = ["authorization_code", "refresh_token", "client_credentials"]


@dataclass
class Provider:
    """The running provider."""

    url: str
    house: House
    app: ASGIApp
    limiter: Counting
    revocations: Revocations
    http: httpx.AsyncClient

    async def admin(self) -> SignedIn:
        """Somebody who founded an organization and is its ADMIN."""
        return await self.house.register()

    async def app_of(self, admin: SignedIn, **registration: Any) -> dict[str, Any]:
        """A registered app; confidential, with every grant type, unless told otherwise."""
        asked = {"name": "Sky", "redirectUris": [CALLBACK], "grantTypes": ALL_GRANTS, "scopes": SCOPES} | registration
        answer = await self.http.post("/api/v1/oauth-clients", json=asked, headers=bearer(admin.token))
        assert answer.status_code == 201, answer.text
        made: dict[str, Any] = answer.json()["data"]
        return made

    async def token(self, client: dict[str, Any], **form: str) -> httpx.Response:
        """A call of the token endpoint as the client."""
        return await self.post("/oauth2/token", client, **form)

    async def post(self, path: str, client: dict[str, Any], **form: str) -> httpx.Response:
        if "clientSecret" in client:
            return await self.http.post(path, data=form, auth=(client["clientId"], client["clientSecret"]))
        return await self.http.post(path, data={**form, "client_id": client["clientId"]})


@asynccontextmanager
async def provider(settings: DatabaseSettings, folder: Path) -> AsyncIterator[Provider]:
    """Auth and a gateway in this process, from their start to the block's end."""
    port = ports.free()
    url = f"http://127.0.0.1:{port}"
    async with open_house(settings, folder, issuer=url) as house:
        client = Client("auth", f"127.0.0.1:{house.port}", TlsSettings())
        signer, revocations = Signer(house.identity_key), Revocations(Kafka(KafkaSettings(brokers="127.0.0.1:1")))
        keys = Keys(keys_of(client.bind(LIST_KEYS, KEYS_SECONDS), signer))
        tokens, limiter = Tokens(keys, revocations, url, AUDIENCE), Counting()
        parts = Parts(
            backends=dict.fromkeys(SERVICES, client),
            authenticator=Authenticator(tokens, NoCredentials(), signer, Proxies()),
            limiter=limiter,
            recorder=Rows(),
            address_of=lambda peer, forwarded: peer,
            health=Health({}),
        )
        app = application(parts, Public(url=url))
        server = http_server(app, "127.0.0.1", port)
        serving = asyncio.create_task(server.serve())
        await until(partial(has_started, server))
        async with httpx.AsyncClient(base_url=url, trust_env=False, timeout=30) as http:
            yield Provider(url, house, app, limiter, revocations, http)
        server.should_exit = True
        await serving
        await client.close()


async def has_started(server: uvicorn.Server) -> bool:
    return server.started


@dataclass
class Proof:
    """A PKCE verifier and its challenge."""

    verifier: str = field(default_factory=lambda: secrets.token_urlsafe(48))

    @property
    def challenge(self) -> str:
        return urlsafe_b64encode(sha256(self.verifier.encode()).digest()).rstrip(b"=").decode()


class Page(HTMLParser):
    """A page's forms: where each goes, its fields, its buttons."""

    def __init__(self, answer: httpx.Response) -> None:
        super().__init__()
        self.answer, self.text = answer, ""
        self.forms: list[tuple[str, dict[str, str]]] = []
        self.feed(answer.text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.forms.append((found["action"], {}))
        if tag == "input":
            self.forms[-1][1][found["name"]] = found.get("value", "")

    def handle_data(self, data: str) -> None:
        self.text += data

    @property
    def has_password(self) -> bool:
        return any("password" in fields for _, fields in self.forms)


class Browser:
    """Keeps cookies and follows nothing by itself."""

    def __init__(self, provider: Provider, **headers: str) -> None:
        self.provider = provider
        self.http = httpx.AsyncClient(base_url=provider.url, trust_env=False, timeout=30, headers=headers)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *raised: object) -> None:
        await self.http.aclose()

    async def authorize(self, **parameters: str) -> httpx.Response:
        return await self.http.get("/oauth2/authorize", params=parameters)

    async def submit(self, page: Page, form: int = 0, /, **fields: str) -> httpx.Response:
        action, hidden = page.forms[form]
        return await self.http.post(action, data={**hidden, **fields})

    async def sign_in(self, page: Page, person: SignedIn, **fields: str) -> httpx.Response:
        return await self.submit(page, username=person.user.username, password=PASSWORD, **fields)

    async def allowed(self, url: str, person: SignedIn) -> str:
        """Where somebody ends who opens an authorization URL, signs in where asked and allows what is asked."""
        answer = await self.http.get(url)
        for _ in range(3):
            if answer.is_redirect:
                return answer.headers["location"]
            page = Page(answer)
            if page.has_password:
                answer = await self.sign_in(page, person)
            else:
                answer = await self.submit(page, decision="allow")
        raise AssertionError(answer.text)


def asking(client: dict[str, Any], proof: Proof, **more: str) -> dict[str, str]:
    """The parameters of an authorization request; one of an empty text is left out."""
    asked = {
        "response_type": "code",
        "client_id": client["clientId"],
        "redirect_uri": CALLBACK,
        "scope": "openid media:read",
        "state": "a state",
        "code_challenge": proof.challenge,
        "code_challenge_method": "S256",
    } | more
    return {name: value for name, value in asked.items() if value}


def url_of(provider: Provider, parameters: dict[str, str]) -> str:
    return f"{provider.url}/oauth2/authorize?{urlencode(parameters)}"


def answered(location: str) -> dict[str, str]:
    """The parameters that an app is sent."""
    return dict(parse_qsl(urlsplit(location).query, keep_blank_values=True))


async def code_for(
    provider: Provider, client: dict[str, Any], person: SignedIn, proof: Proof, **more: str
) -> dict[str, str]:
    """What an app is sent after somebody allowed it all."""
    async with Browser(provider) as browser:
        return answered(await browser.allowed(url_of(provider, asking(client, proof, **more)), person))


async def tokens_for(provider: Provider, client: dict[str, Any], person: SignedIn, **more: str) -> dict[str, Any]:
    """The tokens of an app that somebody allowed what it asked."""
    proof = Proof()
    code = (await code_for(provider, client, person, proof, **more))["code"]
    redirect_uri = more.get("redirect_uri", CALLBACK)
    answer = await redeemed(provider, client, code, proof, redirect_uri)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def redeemed(
    provider: Provider, client: dict[str, Any], code: str, proof: Proof, redirect_uri: str = CALLBACK
) -> httpx.Response:
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": redirect_uri}
    return await provider.token(client, **form, code_verifier=proof.verifier)


def bearer(token: str) -> dict[str, str]:
    return {"authorization": f"Bearer {token}"}
