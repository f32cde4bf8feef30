"""What the OpenAPI document says of the hand-written routes."""

from typing import Any

Responses = dict[int | str, dict[str, Any]]
REDIRECT: Responses = {302: {"description": "To where the browser goes on."}}
TOLD: Responses = {
    200: {"description": "The sessions have ended."},
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
