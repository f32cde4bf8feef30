"""The realm of these tests: a client of ours, one of a program's, people and their groups."""

from typing import Any

REALM, CLIENT, SECRET = "acme", "orrery", "a secret of the realm's: +/%&"
PROGRAM, API = "command-line", "orrery-api"
PASSWORD = "Password123"
ADMINS, STAFF = "orrery-admins", "orrery-staff"


def realm(public_url: str, landing: str, provider: str) -> dict[str, Any]:
    """For an Orrery at this URL."""
    sso = f"{public_url}/api/v1/auth/sso/{provider}"
    return {
        "realm": REALM,
        "enabled": True,
        "sslRequired": "none",
        "accessTokenLifespan": 300,
        "groups": [{"name": ADMINS}, {"name": STAFF}],
        "clients": [ours(sso, landing), programs()],
        "users": [
            person("ada", [ADMINS]),
            person("ben", [STAFF]),
            person("eve", [], is_verified=False),
        ],
    }


def ours(sso: str, landing: str) -> dict[str, Any]:
    return {
        "clientId": CLIENT,
        "secret": SECRET,
        "publicClient": False,
        "standardFlowEnabled": True,
        "directAccessGrantsEnabled": False,
        "redirectUris": [f"{sso}/callback"],
        "frontchannelLogout": False,
        "attributes": {
            "pkce.code.challenge.method": "S256",
            "post.logout.redirect.uris": landing,
            "backchannel.logout.url": f"{sso}/backchannel-logout",
            "backchannel.logout.session.required": "true",
        },
        "protocolMappers": [groups()],
    }


def programs() -> dict[str, Any]:
    """A program that shows its Keycloak token to our API."""
    return {
        "clientId": PROGRAM,
        "publicClient": True,
        "standardFlowEnabled": False,
        "directAccessGrantsEnabled": True,
        "protocolMappers": [groups(), audience()],
    }


def groups() -> dict[str, Any]:
    told = {"full.path": "false", "id.token.claim": "true", "access.token.claim": "true", "claim.name": "groups"}
    return mapper("groups", "oidc-group-membership-mapper", told)


def audience() -> dict[str, Any]:
    told = {"included.custom.audience": API, "access.token.claim": "true", "id.token.claim": "false"}
    return mapper("audience", "oidc-audience-mapper", told)


def mapper(name: str, kind: str, told: dict[str, str]) -> dict[str, Any]:
    return {"name": name, "protocol": "openid-connect", "protocolMapper": kind, "config": told}


def person(name: str, groups: list[str], *, is_verified: bool = True) -> dict[str, Any]:
    return {
        "username": name,
        "enabled": True,
        "email": f"{name}@acme.example",
        "emailVerified": is_verified,
        "firstName": name.title(),
        "lastName": "Example",
        "groups": groups,
        "credentials": [{"type": "password", "value": PASSWORD, "temporary": False}],
    }
