"""A gateway over an auth that trusts an issuer of these tests, and a browser."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import httpx
import pytest

from gateway.app import Parts, Public, application
from gateway.health import Health
from gateway.identity import Authenticator, Issuers, Keys, NoCredentials, Proxies, Revocations, Tokens, keys_of
from gateway.worker import KEYS_SECONDS, LIST_KEYS
from libs.kafka import Kafka
from libs.rpc import Client, Signer
from libs.settings import KafkaSettings, TlsSettings
from services.auth.sso.provider import SsoSettings
from tests.conftest import DatabaseFor
from tests.gateway.fleet import Counting, Rows
from tests.services.auth.house import AUDIENCE, ISSUER, House, open_house
from tests.services.auth.sso import issuer as issuers
from tests.services.auth.sso.conftest import provider
from tests.services.auth.sso.issuer import AUDIENCE as API
from tests.services.auth.sso.issuer import Issuer, pristine
from tests.services.auth.sso.journey import APP, LANDING

SERVICES = ("auth", "media", "audit", "ai_inference", "domain_data", "control_plane")
SSO = "/api/v1/auth/sso/acme"


@dataclass
class World:
    """The gateway, what stands behind it, and what can be seen of both."""

    http: httpx.AsyncClient
    house: House
    issuer: Issuer
    issuers: Issuers
    revocations: Revocations
    limiter: Counting

    async def there(self, **asked: str) -> httpx.Response:
        """Off to the issuer."""
        return await self.http.get(f"{SSO}/login", params={"redirect_uri": APP, **asked})

    async def back(self, begun: httpx.Response, **claims: object) -> httpx.Response:
        """Back from it, as a person of these claims."""
        answer = self.issuer.authorize(begun.headers["location"], **claims)
        return await self.http.get(f"{SSO}/callback", params={**answer, "session_state": "as Keycloak adds"})

    async def tokens(self, **claims: object) -> dict[str, str]:
        """Signed in."""
        landed = await self.back(await self.there(), **claims)
        code = httpx.URL(landed.headers["location"]).params["code"]
        answer = await self.http.post("/api/v1/auth/sso/exchange", json={"code": code})
        assert answer.status_code == 200, answer.text
        found: dict[str, str] = answer.json()
        return found


@pytest.fixture(scope="module")
async def running(database_for: DatabaseFor, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    settings = database_for("auth", "services/auth")
    async with issuers.running() as issuer:
        trusted = SsoSettings(
            providers=(provider("acme", issuer.url, link_by_email=True, accept_bearer=API),),
            redirect_uris=frozenset((APP,)),
            landing_url=LANDING,
        )
        async with open_house(settings, tmp_path_factory.mktemp("sso"), sso=trusted) as house:
            await house.register_tenant(tenant_name="Acme")
            client = Client("auth", f"127.0.0.1:{house.port}", TlsSettings())
            async with world(house, client, issuer) as made:
                yield made
            await client.close()


@asynccontextmanager
async def world(house: House, client: Client, issuer: Issuer) -> AsyncIterator[World]:
    """The gateway in this process."""
    signer = Signer(house.identity_key)
    revocations = Revocations(Kafka(KafkaSettings(brokers="127.0.0.1:1")))
    keys = Keys(keys_of(client.bind(LIST_KEYS, KEYS_SECONDS), signer))
    trusted, limiter = Issuers(client, signer), Counting()
    tokens = Tokens(keys, revocations, ISSUER, AUDIENCE)
    parts = Parts(
        backends=dict.fromkeys(SERVICES, client),
        authenticator=Authenticator(tokens, NoCredentials(), signer, Proxies(), trusted),
        limiter=limiter,
        recorder=Rows(),
        address_of=lambda peer, forwarded: peer,
        health=Health({}),
    )
    transport = httpx.ASGITransport(application(parts, Public(url=ISSUER)), client=("192.0.2.1", 5))
    assert await trusted.refresh()
    async with httpx.AsyncClient(transport=transport, base_url=ISSUER) as http:
        yield World(http, house, issuer, trusted, revocations, limiter)


@pytest.fixture
def sso(running: World) -> World:
    pristine(running.issuer)
    running.http.cookies.clear()
    running.limiter.taken.clear()
    running.limiter.is_empty = False
    return running
