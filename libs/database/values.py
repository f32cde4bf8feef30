"""Texts of a query as values of a column's type."""

import datetime as dt
import math
import uuid
from collections.abc import Callable
from typing import Any

from sqlalchemy import BigInteger, SmallInteger, literal
from sqlalchemy.orm import InstrumentedAttribute

from libs.errors import Invalid, Violation

LONGEST = 1000


class ListRefused(Invalid):
    def __init__(self, field: str, message: str) -> None:
        super().__init__("The list's parameters are wrong.", (Violation(field, message, "invalid"),))


def parse(column: InstrumentedAttribute[Any], name: str, text: str, longest: int = LONGEST) -> Any:
    """The text, of `longest` characters at most, as the column's type; raises ListRefused where it is none."""
    kind = column.type.python_type
    reader, called = KINDS.get(kind, (None, ""))
    if reader is None or len(text) > longest or "\0" in text:
        raise ListRefused(name, "This field cannot be filtered by this value.")
    try:
        value = reader(text)
    except (ValueError, OverflowError):
        raise ListRefused(name, f"This is no {called}.") from None
    if kind is int and not fits(value, column):
        raise ListRefused(name, "This number is too large.")
    return literal(value) if kind is bool else value  # a bare True can be compared by = alone in SQLAlchemy


def fits(value: int, column: InstrumentedAttribute[Any]) -> bool:
    bits = 63 if isinstance(column.type, BigInteger) else 15 if isinstance(column.type, SmallInteger) else 31
    lowest, beyond = -(1 << bits), 1 << bits
    return lowest <= value < beyond


def moment(text: str) -> dt.datetime:
    value = dt.datetime.fromisoformat(text.replace(" ", "+"))  # an unescaped + of a query is a space
    return value if value.tzinfo else value.replace(tzinfo=dt.UTC)


def number(text: str) -> float:
    value = float(text)
    if not math.isfinite(value) or "_" in text:
        raise ValueError
    return value


def integer(text: str) -> int:
    if not text.removeprefix("-").isascii() or not text.removeprefix("-").isdigit():
        raise ValueError
    return int(text)


def truth(text: str) -> bool:
    if text not in ("true", "false"):
        raise ValueError
    return text == "true"


KINDS: dict[type, tuple[Callable[[str], Any], str]] = {
    str: (str, "text"),
    int: (integer, "whole number"),
    float: (number, "number"),
    bool: (truth, "true or false"),
    dt.datetime: (moment, "RFC 3339 time"),
    uuid.UUID: (uuid.UUID, "UUID"),
}
