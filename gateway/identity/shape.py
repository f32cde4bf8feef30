"""The strict look at an access token before its signature is checked.

JWT libraries accept junk: padding, stray bits at a part's end, duplicate keys, headers that name their own key
(Wycheproof: six of 355 invalid tokens pass PyJWT). What passes here has one spelling only, and a header of exactly
the members that auth writes, so that `crit`, `jku`, `jwk`, `x5u` and the like have no place to be.
"""

import json
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from functools import lru_cache
from typing import Any, NamedTuple

from gateway.identity.refusals import TokenRefused

LONGEST = 8 * 1024  # bytes
COMPACT = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+")
HEADER = {"alg": "RS256", "typ": "at+jwt"}  # RFC 9068
KID = re.compile(r"[A-Za-z0-9_-]{1,128}")


def looks_like_jwt(token: str) -> bool:
    """Three parts; no other credential of ours has dots."""
    return token.count(".") == 2  # two dots, three parts


class Opened(NamedTuple):
    """A well-formed token's parts; nothing in it is believed yet."""

    kid: str
    payload: dict[str, Any]
    signed: bytes
    signature: bytes


def opened(token: str) -> Opened:
    """The parts of a well-formed token; raises TokenRefused for any other."""
    if len(token) > LONGEST or not COMPACT.fullmatch(token):
        raise TokenRefused
    header, payload, signature = token.split(".")
    return Opened(key_id(header), members(payload), f"{header}.{payload}".encode(), decoded(signature))


@lru_cache(64)
def key_id(header: str) -> str:
    """The `kid` of a header of ours, of which there are as many as keys; raises TokenRefused for any other."""
    found = members(header)
    kid = found.pop("kid", None)
    if found != HEADER or not isinstance(kid, str) or not KID.fullmatch(kid):
        raise TokenRefused
    return kid


def members(part: str) -> dict[str, Any]:
    """The JSON object in a part; a key that comes twice, NaN, Infinity and whatever is no UTF-8 are refused."""
    try:
        found = json.loads(decoded(part).decode(), object_pairs_hook=distinct, parse_constant=refuse)
    except (ValueError, RecursionError):
        raise TokenRefused from None
    if not isinstance(found, dict):
        raise TokenRefused
    return found


def decoded(part: str) -> bytes:
    """The bytes of a part in base64url; a second spelling of the same bytes is refused."""
    try:
        found = urlsafe_b64decode(part + "=" * (-len(part) % 4))
    except ValueError:
        raise TokenRefused from None
    if urlsafe_b64encode(found).rstrip(b"=") != part.encode():
        raise TokenRefused
    return found


def distinct(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise TokenRefused
    return found


def refuse(constant: str) -> None:
    raise TokenRefused
