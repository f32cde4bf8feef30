"""Opaque cursors: the order asked for and where in it the last page ended."""

import base64
import binascii
import datetime as dt
from typing import Any

import orjson

from libs.database.values import ListRefused

Order = list[tuple[str, bool]]


def encode_cursor(order: Order, values: list[Any]) -> str:
    texts = [written(value) for value in values]
    return base64.urlsafe_b64encode(orjson.dumps([signature(order), *texts])).rstrip(b"=").decode()


def written(value: Any) -> str:
    """The text that `values.parse` reads as the same value."""
    if isinstance(value, dt.datetime):
        return value.isoformat()
    return str(value).lower() if isinstance(value, bool) else str(value)


def decode_cursor(cursor: str, order: Order) -> list[str]:
    """The values in a cursor; raises ListRefused when it is not ours or belongs to another order."""
    try:
        parts = orjson.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (ValueError, binascii.Error):
        raise ListRefused("cursor", "This cursor is not one of ours.") from None
    if not isinstance(parts, list) or len(parts) != len(order) + 1 or not all(isinstance(part, str) for part in parts):
        raise ListRefused("cursor", "This cursor is not one of ours.")
    if parts[0] != signature(order):
        raise ListRefused("cursor", "This cursor belongs to another order; start again without it.")
    return parts[1:]


def signature(order: Order) -> str:
    return ",".join(f"-{name}" if down else name for name, down in order)
