"""The JSON documents in which browsers hand over what an authenticator said (WebAuthn L3 §5.1, toJSON()).

Read strictly before the library sees them: it decodes base64url leniently and does not look at where the page stood.
"""

import base64
import json
import re
from dataclasses import dataclass
from typing import Any

from libs.errors import Invalid, Violation

MOST_BYTES = 64 * 1024
BASE64URL = re.compile(r"[A-Za-z0-9_-]+")
REGISTRATION = ("clientDataJSON", "attestationObject")
ASSERTION = ("clientDataJSON", "authenticatorData", "signature")
KIND = "public-key"


class Unreadable(ValueError):
    """Some part of the document is not what the standard says."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What an authenticator said, nothing of it verified yet."""

    document: dict[str, Any]
    credential_id: bytes
    challenge: bytes
    user_handle: bytes  # empty where none was sent
    is_embedded: bool  # the page stood in a frame of another site

    @classmethod
    def read(cls, text: bytes, parts: tuple[str, ...]) -> "Answer":
        """The document with the named parts of its `response`; raises Invalid."""
        try:
            return answer(text, parts)
        except (ValueError, RecursionError):
            wrong = Violation("credential", "This must be what PublicKeyCredential.toJSON() gives.", "invalid_format")
            raise Invalid("The request breaks the rules of its fields.", (wrong,)) from None


def answer(text: bytes, parts: tuple[str, ...]) -> Answer:
    if len(text) > MOST_BYTES:
        raise Unreadable
    document = members(json.loads(text))
    said = members(document.get("response"))
    if document.get("type") != KIND or document.get("rawId") != document.get("id"):
        raise Unreadable
    decoded = {part: octets(said.get(part)) for part in parts}
    client = members(json.loads(decoded["clientDataJSON"]))
    handle = said.get("userHandle")
    return Answer(
        document,
        octets(document.get("id")),
        octets(client.get("challenge")),
        octets(handle) if handle else b"",
        client.get("crossOrigin") is True or "topOrigin" in client,
    )


def members(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise Unreadable
    return value


def octets(text: Any) -> bytes:
    """The bytes of a base64url text without padding; raises Unreadable for any other text, and an empty one."""
    if not isinstance(text, str) or not BASE64URL.fullmatch(text) or len(text) % 4 == 1:
        raise Unreadable
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def spelled(value: bytes) -> str:
    """base64url without padding."""
    return base64.urlsafe_b64encode(value).decode().rstrip("=")
