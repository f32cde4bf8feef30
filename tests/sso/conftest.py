"""A real Keycloak beside a fleet that trusts it. Takes a minute: `make test-sso` alone runs these tests."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field

import httpx
import pytest

from tests.e2e.conftest import UNLIMITED
from tests.sso.realm import API, CLIENT, REALM, SECRET, realm
from tools.stack import ports, throwaway
from tools.stack.install import keycloak as installer
from tools.stack.own_fleet import Fleet, own_fleet
from tools.stack.parts.keycloak import Keycloak

PROVIDER = "keycloak"
APP = "http://127.0.0.1:9/signed-in"  # nobody listens there: where an app would be is all that matters
ORGANIZATION = "acme"


@dataclass(frozen=True)
class Together:
    """The fleet and the issuer that it trusts."""

    fleet: Fleet
    keycloak: Keycloak
    http: httpx.Client = field(repr=False)


@pytest.fixture(scope="session")
def together() -> Iterator[Together]:
    if missing := installer.missing():
        pytest.skip(f"Keycloak cannot run here: {missing}")
    installer.ensure()
    port = ports.free()
    told = {"auth": trusting(f"http://{ports.HOST}:{port}/realms/{REALM}"), "gateway": UNLIMITED}
    with throwaway.folder() as folder, own_fleet(folder, told) as fleet:
        issuer = Keycloak(folder, port, realm=realm(fleet.url, APP, PROVIDER))
        issuer.start()
        try:
            with httpx.Client(base_url=fleet.url, trust_env=False, timeout=30) as http:
                found(http)
                yield Together(fleet, issuer, http)
        finally:
            issuer.stop()


def trusting(issuer: str) -> dict[str, str]:
    """What auth is told of the issuer."""
    provider = {
        "name": PROVIDER,
        "display_name": "Acme's Keycloak",
        "issuer": issuer,
        "client_id": CLIENT,
        "client_secret": SECRET,
        "organization": ORGANIZATION,
        "roles": {"orrery-admins": "ADMIN", "orrery-staff": "OPERATOR"},
        "default_role": None,
        "accept_bearer": API,
    }
    return {
        "ORRERY_SSO__PROVIDERS": json.dumps([provider]),
        "ORRERY_SSO__REDIRECT_URIS": json.dumps([APP]),
        "ORRERY_SSO__LANDING_URL": APP,
    }


def found(http: httpx.Client) -> None:
    """Make the organization that people join."""
    body = {
        "username": "founder",
        "email": "founder@example.com",
        "password": "Password123",
        "tenant_name": ORGANIZATION.title(),
    }
    answer = http.post("/api/v1/auth/register", json=body)
    assert answer.status_code == 201, answer.text
