"""Authorization requests (RFC 6749 §4.1.1, RFC 7636, OpenID Connect Core §3.1.2.1): what is taken, and what is not."""

import re
from dataclasses import dataclass

from services.auth.oauth.forms import Form, scopes_of
from services.auth.oauth_clients.repository import Known
from services.auth.oauth_clients.rules import AUTHORIZATION_CODE
from services.auth.oauth_clients.scopes import GRANTABLE, ordered

CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}")  # SHA-256 in base64url
NUMBER = re.compile(r"[0-9]{1,9}")
NONE, LOGIN, CONSENT, SELECT = "none", "login", "consent", "select_account"
PROMPTS = frozenset((NONE, LOGIN, CONSENT, SELECT))
LONGEST_STATE, LONGEST_NONCE, LONGEST_HINT = 2048, 512, 255
NOT_TAKEN = {
    "request": "request_not_supported",
    "request_uri": "request_uri_not_supported",
    "registration": "registration_not_supported",
}


class AuthorizationRefused(Exception):
    """The request is answered by an error that the app is told by redirection."""

    def __init__(self, error: str, description: str) -> None:
        super().__init__(description)
        self.error, self.description = error, description


@dataclass(frozen=True, slots=True)
class Asked:
    """A request that may be granted."""

    client_id: str
    redirect_uri: str  # one of the client's, as it was sent
    scopes: list[str]
    challenge: str
    state: str = ""
    nonce: str = ""
    prompts: tuple[str, ...] = ()
    max_age: int | None = None  # seconds since signing in
    login_hint: str = ""
    ui_locales: str = ""


def read(form: Form, known: Known) -> Asked:
    """The request of a client whose redirect URI is proven; raises AuthorizationRefused."""
    refuse_malformed(form)
    if AUTHORIZATION_CODE not in known.client.grant_types:
        raise AuthorizationRefused("unauthorized_client", "The client may not use authorization codes.")
    return Asked(
        client_id=form.get("client_id"),
        redirect_uri=form.get("redirect_uri"),
        scopes=scopes(form, known),
        challenge=challenge(form),
        state=form.get("state"),
        nonce=bounded(form, "nonce", LONGEST_NONCE),
        prompts=prompts(form),
        max_age=max_age(form),
        login_hint=form.get("login_hint")[:LONGEST_HINT],
        ui_locales=form.get("ui_locales")[:LONGEST_HINT],
    )


def state_of(form: Form) -> str:
    """What is sent back even with an error; nothing where it is no state that could be believed."""
    state = form.get("state")
    return "" if "state" in form.doubled or len(state) > LONGEST_STATE else state


def refuse_malformed(form: Form) -> None:
    if form.doubled:
        raise invalid("A parameter is given more than once.")
    bounded(form, "state", LONGEST_STATE)
    for name, error in NOT_TAKEN.items():
        if form.get(name):
            raise AuthorizationRefused(error, f"The parameter {name} is not supported.")
    kind = form.get("response_type")
    if not kind:
        raise invalid("The parameter response_type is missing.")
    if kind != "code":
        raise AuthorizationRefused("unsupported_response_type", "There is the response type code.")
    if form.get("response_mode") not in ("", "query"):
        raise invalid("There is the response mode query.")


def scopes(form: Form, known: Known) -> list[str]:
    asked = scopes_of(form.get("scope"))
    if not asked or not asked <= known.scopes & GRANTABLE:
        raise AuthorizationRefused("invalid_scope", "The scope is missing, unknown, or not registered for the client.")
    return ordered(asked)


def challenge(form: Form) -> str:
    """PKCE is for every client, and by S256 alone (RFC 9700 §2.1.1)."""
    found = form.get("code_challenge")
    if not found:
        raise invalid("PKCE is required: code_challenge is missing.")
    if form.get("code_challenge_method") != "S256":
        raise invalid("The code_challenge_method must be S256.")
    if not CHALLENGE.fullmatch(found):
        raise invalid("The code_challenge is no SHA-256 in base64url.")
    return found


def prompts(form: Form) -> tuple[str, ...]:
    asked = scopes_of(form.get("prompt"))
    if not asked <= PROMPTS or (NONE in asked and len(asked) > 1):
        raise invalid("The prompt is none of none, login, consent, select_account, or contradicts itself.")
    return tuple(sorted(asked))


def max_age(form: Form) -> int | None:
    text = form.get("max_age")
    if text and not NUMBER.fullmatch(text):
        raise invalid("The max_age must be a number of seconds.")
    return int(text) if text else None


def bounded(form: Form, name: str, longest: int) -> str:
    value = form.get(name)
    if len(value) > longest or "\0" in value:
        raise invalid(f"The parameter {name} has more than {longest} characters, or one that nobody can store.")
    return value


def invalid(description: str) -> AuthorizationRefused:
    return AuthorizationRefused("invalid_request", description)
