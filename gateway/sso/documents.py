"""What the OpenAPI document says of the hand-written routes."""

from typing import Any

from gateway.documents.shapes import error_schema
from gateway.families import PLAIN

Responses = dict[int | str, dict[str, Any]]
REFUSED: dict[str, Any] = {
    "description": "Refused, before it is proven whose sign-in it is.",
    "content": {"application/json": {"schema": error_schema(PLAIN)}},
}
FAILURES: Responses = dict.fromkeys((400, 401, 403, 404, 409, 413, 415, 422, 429, 500, 503), REFUSED)
REDIRECT: Responses = {302: {"description": "To where the browser goes on."}, **FAILURES}
TOLD: Responses = {
    200: {"description": "The sessions have ended."},
    **FAILURES,
    400: {"description": "The logout token is not valid (an `error` as OAuth writes it)."},
}


def parameters(**told: str) -> dict[str, Any]:
    """Query parameters, which the routes read by themselves."""
    return {
        "parameters": [
            {"name": name, "in": "query", "required": False, "description": text, "schema": {"type": "string"}}
            for name, text in told.items()
        ]
    }


def form(*names: str) -> dict[str, Any]:
    """A body of these fields."""
    fields = {"type": "object", "required": [*names], "properties": {name: {"type": "string"} for name in names}}
    return {"requestBody": {"required": True, "content": {"application/x-www-form-urlencoded": {"schema": fields}}}}


LOGIN = parameters(
    redirect_uri="Where the app wants the browser back, exactly as the server's settings have it.",
    state="Handed back to the app as it is.",
    code_challenge="Of a verifier that the app keeps (PKCE, S256); the exchange then asks for it.",
)
CALLBACK = parameters(
    code="The issuer's code.", state="The sign-in's state.", iss="The issuer.", error="The issuer's refusal."
)
LOGOUT = parameters(redirect_uri="Where the browser shall be in the end.")
BACKCHANNEL = form("logout_token")
