"""The strict look at a JWT before any library sees it, as the gateway has it for our own.

JWT libraries accept junk: padding, stray bits at a part's end, duplicate keys, headers that name their own key. What
passes here has one spelling only.
"""

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from typing import Any

from services.auth.sso.errors import SsoAnswerRefused
from services.auth.sso.objects import members

LONGEST = 16 * 1024  # bytes: issuers write all groups into them
LONGEST_KID = 256
COMPACT = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+")
OWN_KEY = {"crit", "jku", "jwk", "x5u", "x5c", "zip", "b64"}  # a token chooses neither its key nor its rules


@dataclass(frozen=True, slots=True)
class Head:
    """What a token says of how it was signed; the kid is looked up and used for nothing else."""

    alg: str
    kid: str | None
    typ: str  # lower case, without "application/"; empty where it has none


def head_of(token: str) -> Head:
    """The header of a well-formed token. Raises SsoAnswerRefused."""
    if len(token) > LONGEST or not COMPACT.fullmatch(token):
        raise SsoAnswerRefused
    first, payload, signature = token.split(".")
    decoded(signature)
    members(decoded(payload))
    header = members(decoded(first))
    alg, kid, typ = header.get("alg"), header.get("kid"), header.get("typ", "")
    is_kid = kid is None or (isinstance(kid, str) and 0 < len(kid) <= LONGEST_KID)
    if OWN_KEY & header.keys() or not isinstance(alg, str) or not isinstance(typ, str) or not is_kid:
        raise SsoAnswerRefused
    return Head(alg, kid, typ.lower().removeprefix("application/"))


def unverified(token: str) -> dict[str, Any]:
    """What a well-formed token says, to find whose it may be. Raises SsoAnswerRefused."""
    head_of(token)
    return members(decoded(token.split(".")[1]))


def decoded(part: str) -> bytes:
    """The bytes of a part in base64url; a second spelling of the same bytes is refused."""
    try:
        found = urlsafe_b64decode(part + "=" * (-len(part) % 4))
    except ValueError:
        raise SsoAnswerRefused from None
    if urlsafe_b64encode(found).rstrip(b"=") != part.encode():
        raise SsoAnswerRefused
    return found
