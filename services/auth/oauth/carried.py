"""What a page's form carries of its request: sealed, for one browser, for some minutes.

Nothing is stored for a request that nobody has answered yet. The seal is the form's protection against forgery: no
other site can make one, and one that was made for another browser is answered by the page again, never by an action.
"""

import hashlib
import json
import secrets
import time
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

from services.auth.oauth.requests import Asked
from services.auth.sealing import SealBroken, Sealer

PURPOSE = "oauth authorization request"
LIFETIME_SECONDS = 600
LONGEST = 32 * 1024
COOKIE = 43  # characters: 256 bits in base64url


class Stage(StrEnum):
    """Which page a form belongs to."""

    SIGN_IN = "sign_in"
    CONSENT = "consent"
    SIGN_OUT = "sign_out"


@dataclass(frozen=True, slots=True)
class Carried:
    """What was sealed, and whether it is for this browser and still in time."""

    stage: Stage
    request: dict[str, Any]
    is_timely: bool

    @property
    def asked(self) -> Asked:
        return Asked(**{**self.request, "prompts": tuple(self.request["prompts"])})


def new_cookie() -> str:
    return secrets.token_urlsafe(32)


def is_cookie(text: str) -> bool:
    """Whether it looks like one of ours; anything else is replaced."""
    return len(text) == COOKIE and text.isascii() and text.replace("-", "").replace("_", "").isalnum()


def seal(sealer: Sealer, stage: Stage, request: Asked | dict[str, Any], cookie: str) -> str:
    """The form's hidden field."""
    fields = asdict(request) if isinstance(request, Asked) else request
    whole = {"stage": stage, "request": fields, "browser": mark(cookie), "until": time.time() + LIFETIME_SECONDS}
    return urlsafe_b64encode(sealer.seal(json.dumps(whole).encode(), PURPOSE)).decode()


def opened(sealer: Sealer, text: str, cookie: str) -> Carried | None:
    """What a form carried; None of what was never sealed by us."""
    try:
        whole = json.loads(sealer.unseal(urlsafe_b64decode(text[:LONGEST]), PURPOSE))
    except (SealBroken, ValueError):
        return None
    is_timely = bool(cookie) and whole["browser"] == mark(cookie) and whole["until"] > time.time()
    return Carried(Stage(whole["stage"]), whole["request"], is_timely)


def mark(cookie: str) -> str:
    return hashlib.sha256(b"browser:" + cookie.encode()).hexdigest()
