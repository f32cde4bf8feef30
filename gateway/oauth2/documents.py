"""What the OpenAPI document says of the hand-written endpoints."""

from typing import Any

Responses = dict[int | str, dict[str, Any]]
FORM = "application/x-www-form-urlencoded"
JSON = "application/json"
TEXT = {"type": "string"}
NUMBER = {"type": "integer"}
FLAG = {"type": "boolean"}


def of(description: str, *required: str, **properties: Any) -> dict[str, Any]:
    schema = {"type": "object", "properties": properties, "required": list(required)}
    return {"description": description, "content": {JSON: {"schema": schema}}}


ERROR = of("Refused, as RFC 6749 §5.2 writes it.", "error", error=TEXT, error_description=TEXT)
FAILURES: Responses = dict.fromkeys((400, 401, 408, 413, 415, 429, 500, 503), ERROR)
PAGE = {"description": "A page.", "content": {"text/html": {"schema": TEXT}}}
ONWARD = {"description": "Onward: back to the app, or to the request itself."}
PAGES: Responses = {200: PAGE, 302: ONWARD, 303: ONWARD}
PAGES.update(dict.fromkeys((400, 408, 413, 415, 429, 500, 503), PAGE))
TOKEN: Responses = {
    200: of(
        "Tokens.",
        "access_token",
        "token_type",
        "expires_in",
        "scope",
        access_token=TEXT,
        token_type=TEXT,
        expires_in=NUMBER,
        refresh_token=TEXT,
        id_token=TEXT,
        scope=TEXT,
    ),
    **FAILURES,
}
REVOKED: Responses = {200: of("Whatever the token was, it is good no more."), **FAILURES}
INTROSPECTED: Responses = {
    200: of(
        "What is known of the token.",
        "active",
        active=FLAG,
        scope=TEXT,
        client_id=TEXT,
        username=TEXT,
        token_type=TEXT,
        exp=NUMBER,
        iat=NUMBER,
        sub=TEXT,
        aud=TEXT,
        iss=TEXT,
        jti=TEXT,
    ),
    **FAILURES,
}
CLAIMS: Responses = {
    200: of(
        "Claims.",
        "sub",
        sub=TEXT,
        name=TEXT,
        preferred_username=TEXT,
        updated_at=NUMBER,
        email=TEXT,
        email_verified=FLAG,
    ),
    403: ERROR,
    **FAILURES,
}
METADATA: Responses = {200: of("Metadata.", "issuer", issuer=TEXT)}


def form(*required: str, **properties: str) -> dict[str, Any]:
    """A form of text fields, each with its description."""
    fields = {name: {**TEXT, "description": told} for name, told in properties.items()}
    schema = {"type": "object", "properties": fields, "required": list(required)}
    return {"requestBody": {"required": True, "content": {FORM: {"schema": schema}}}}


def query(**told: str) -> dict[str, Any]:
    return {
        "parameters": [
            {"name": name, "in": "query", "required": False, "description": text, "schema": TEXT}
            for name, text in told.items()
        ]
    }


CLIENT = {
    "client_id": "The client, where it does not authenticate by HTTP Basic.",
    "client_secret": "Its secret, where it does not authenticate by HTTP Basic.",
}
TOKEN_FORM = form(
    "grant_type",
    grant_type="authorization_code, refresh_token or client_credentials.",
    code="The authorization code.",
    redirect_uri="The redirect URI of the authorization request.",
    code_verifier="The PKCE verifier.",
    refresh_token="The refresh token.",  # noqa: S106  # a description
    scope="Fewer scopes than were granted; of client_credentials, those wanted.",
    **CLIENT,
)
TOKEN_IN_FORM = form(
    "token",
    token="The token.",  # noqa: S106  # a description
    token_type_hint="access_token or refresh_token.",  # noqa: S106  # a description
    **CLIENT,
)
AUTHORIZE_QUERY = query(
    response_type="code.",
    client_id="The client.",
    redirect_uri="One that the client has registered, exactly.",
    scope="Scopes, separated by spaces.",
    state="Handed back as it is.",
    nonce="Handed back in the id token.",
    code_challenge="The PKCE challenge.",
    code_challenge_method="S256.",
    prompt="none, login, consent or select_account.",
    max_age="Seconds since signing in, at most.",
    login_hint="What to put into the name's field.",
    ui_locales="Languages of the pages, the best first.",
)
AUTHORIZE_FORM = form(**{one["name"]: one["description"] for one in AUTHORIZE_QUERY["parameters"]})
LOGOUT_QUERY = query(
    id_token_hint="An id token of whoever is to be signed out.",  # noqa: S106  # a description
    client_id="The client.",
    post_logout_redirect_uri="One that the client has registered, exactly.",
    state="Handed back as it is.",
)
