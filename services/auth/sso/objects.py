"""JSON objects of others, read strictly."""

import json
from typing import Any

from services.auth.sso.errors import SsoAnswerRefused


def members(text: bytes) -> dict[str, Any]:
    """The object that a text is; a key that comes twice, NaN and Infinity are refused. Raises SsoAnswerRefused."""
    try:
        found = json.loads(text, object_pairs_hook=distinct, parse_constant=refuse)
        json.dumps(found, ensure_ascii=False).encode()  # lone surrogates are no text
    except (ValueError, RecursionError):
        raise SsoAnswerRefused from None
    if not isinstance(found, dict):
        raise SsoAnswerRefused
    return found


def distinct(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise SsoAnswerRefused
    return found


def refuse(constant: str) -> None:
    raise SsoAnswerRefused
