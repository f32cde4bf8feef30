"""What clients find out by themselves (RFC 8414, OpenID Connect Discovery)."""

from typing import Any

import orjson
from fastapi import APIRouter, Response

from gateway.messages import LANGUAGES
from gateway.oauth2 import documents
from gateway.oauth2.refusals import JSON
from gateway.oauth2.words import SCOPES

CACHING = {"cache-control": "public, max-age=300"}
SECRETS = ["client_secret_basic", "client_secret_post"]
CLAIMS = [
    "sub", "iss", "aud", "azp", "exp", "iat", "auth_time", "nonce", "amr", "at_hash",
    "name", "preferred_username", "updated_at", "email", "email_verified",
]  # fmt: skip


def discovery(url: str, issuer: str) -> APIRouter:
    """The documents; `url` is where the API is reached."""
    router = APIRouter(tags=["OAuth"])
    body = orjson.dumps(metadata(url, issuer))

    @router.get(
        "/.well-known/openid-configuration",
        operation_id="openid_configuration",
        response_class=Response,
        responses=documents.METADATA,
    )
    async def openid() -> Response:
        """The provider's metadata (OpenID Connect Discovery)."""
        return Response(body, 200, CACHING, JSON)

    @router.get(
        "/.well-known/oauth-authorization-server",
        operation_id="oauth_authorization_server",
        response_class=Response,
        responses=documents.METADATA,
    )
    async def oauth() -> Response:
        """The authorization server's metadata (RFC 8414)."""
        return Response(body, 200, CACHING, JSON)

    return router


def metadata(url: str, issuer: str) -> dict[str, Any]:
    return {
        "issuer": issuer,
        "authorization_endpoint": f"{url}/oauth2/authorize",
        "token_endpoint": f"{url}/oauth2/token",
        "userinfo_endpoint": f"{url}/oauth2/userinfo",
        "revocation_endpoint": f"{url}/oauth2/revoke",
        "introspection_endpoint": f"{url}/oauth2/introspect",
        "end_session_endpoint": f"{url}/oauth2/logout",
        "jwks_uri": f"{url}/.well-known/jwks.json",
        "scopes_supported": sorted(SCOPES),
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "grant_types_supported": ["authorization_code", "refresh_token", "client_credentials"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "token_endpoint_auth_methods_supported": [*SECRETS, "none"],
        "revocation_endpoint_auth_methods_supported": [*SECRETS, "none"],
        "introspection_endpoint_auth_methods_supported": SECRETS,
        "code_challenge_methods_supported": ["S256"],
        "prompt_values_supported": ["none", "login", "consent", "select_account"],
        "claims_supported": CLAIMS,
        "ui_locales_supported": sorted(LANGUAGES),
        "authorization_response_iss_parameter_supported": True,
        "claims_parameter_supported": False,
        "request_parameter_supported": False,
        "request_uri_parameter_supported": False,
    }
