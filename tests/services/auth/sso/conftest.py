"""An auth that trusts an issuer of these tests."""

from collections.abc import AsyncIterator

import pytest
from pydantic import SecretStr

from libs.settings import DatabaseSettings
from services.auth.organizations.models import Role
from services.auth.sso.provider import SsoProviderSettings, SsoSettings
from tests.services.auth.house import House, open_house
from tests.services.auth.sso import issuer as issuers
from tests.services.auth.sso.issuer import AUDIENCE, CLIENT, SECRET, Issuer, pristine
from tests.services.auth.sso.journey import APP, LANDING, Journey

NOWHERE = "http://127.0.0.1:1"


def provider(name: str, issuer: str, **more: object) -> SsoProviderSettings:
    told: dict[str, object] = {
        "name": name,
        "issuer": issuer,
        "client_id": CLIENT,
        "client_secret": SecretStr(SECRET),
        "organization": "acme",
        "roles": {"/admins": Role.ADMIN, "/staff": Role.OPERATOR, "/readers": "reader", "/ghosts": "ghost"},
    }
    return SsoProviderSettings.model_validate(told | more)


@pytest.fixture(scope="module")
async def issuer() -> AsyncIterator[Issuer]:
    async with issuers.running() as running:
        yield running


@pytest.fixture(scope="module")
async def other() -> AsyncIterator[Issuer]:
    """A second issuer, that is trusted less."""
    async with issuers.running() as running:
        yield running


@pytest.fixture(scope="module")
async def sso(
    settings: DatabaseSettings, issuer: Issuer, other: Issuer, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[House]:
    trusted = SsoSettings(
        providers=(
            provider("acme", issuer.url, display_name="Acme Inc.", link_by_email=True, accept_bearer=AUDIENCE),
            provider("other", other.url, default_role=None, allowed_domains=["Example.com"]),
            provider("away", NOWHERE),
            provider("lost", "http://127.0.0.1:2", organization="nowhere"),
        ),
        redirect_uris=frozenset((APP, "com.example.app:/signed-in")),
        landing_url=LANDING,
    )
    async with open_house(settings, tmp_path_factory.mktemp("sso"), sso=trusted) as house:
        await house.register_tenant(tenant_name="Acme")
        yield house


@pytest.fixture
def journey(sso: House, issuer: Issuer) -> Journey:
    return Journey(sso, pristine(issuer))
