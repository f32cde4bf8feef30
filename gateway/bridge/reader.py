"""Reads JSON texts strictly (RFC 8259 and I-JSON): what two parsers could read in two ways is refused.

orjson already refuses NaN, Infinity, 1e400, lone surrogates, byte order marks, trailing text and broken UTF-8. It lets
duplicate keys, U+0000, deep nesting and integers beyond 64 bits through. Those are found cheaply: a text without `\\u`
whose colons are as many as its keys (plus those inside its strings) has no key twice and no U+0000. Any text that is
odd in one of these ways is read again by the exact, slower parser, which knows what to say.
"""

import json
import math
import re
from typing import Any

import orjson

from libs.errors import Invalid

DEEPEST = 64
LONGEST_NUMBER = 100  # characters; no number of 64 bits needs more, and a store's numeric type takes no 20,000 digits
INT64 = (-(1 << 63), (1 << 63) - 1)
NUL = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")  # the escape of U+0000, not an escaped backslash before "u0000"


class NotJson(Invalid):
    def __init__(self) -> None:
        super().__init__("The body is not valid JSON.")


class DuplicateKey(Invalid):
    def __init__(self) -> None:
        super().__init__("The body has a key twice in one object.")


class NumberRefused(Invalid):
    def __init__(self) -> None:
        super().__init__("The body has a number that is no finite 64-bit number.")


class CharacterRefused(Invalid):
    def __init__(self) -> None:
        super().__init__("The body has a character that is not taken: U+0000 or half of a surrogate pair.")


class TooDeep(Invalid):
    def __init__(self) -> None:
        super().__init__(f"The body is nested deeper than {DEEPEST} levels.", limit=DEEPEST)


class Number(float):
    """A number with a point or an exponent that remembers how it was written."""

    __slots__ = ("text",)
    text: str


class _Odd(Exception):
    """The text needs the exact parser."""


def read(text: bytes, *, keep_numbers: bool = False) -> Any:
    """The JSON value; raises Invalid. With `keep_numbers`, floats are Numbers, which `written` writes as sent."""
    try:
        value = orjson.loads(text)
    except orjson.JSONDecodeError:
        exact(text)  # has the better sentence where it can say what is wrong
        raise NotJson from None
    if b"\\u" in text:
        return exact(text)
    try:
        plain = tally(value, keep_numbers, DEEPEST) == text.count(b":")
    except _Odd:
        plain = False
    return value if plain else exact(text)


def tally(value: Any, keep_numbers: bool, left: int) -> int:
    """How many colons a text of this value has if no key was dropped; raises _Odd for what needs a closer look."""
    kind = type(value)
    if kind is str:
        return int(value.count(":"))
    if kind is dict:
        if not left:
            raise _Odd
        return sum(1 + key.count(":") + tally(inner, keep_numbers, left - 1) for key, inner in value.items())
    if kind is list:
        if not left:
            raise _Odd
        return sum(tally(inner, keep_numbers, left - 1) for inner in value)
    if kind is float and (keep_numbers or abs(value) >= INT64[1]):  # orjson makes a float of an integer over 64 bits
        raise _Odd
    if kind is int and value > INT64[1]:
        raise _Odd
    return 0


def exact(text: bytes) -> Any:
    """The same value by the exact parser; raises Invalid with the reason."""
    try:
        value = DECODER.decode(text.decode())
    except (UnicodeDecodeError, json.JSONDecodeError):
        raise NotJson from None
    except RecursionError:
        raise TooDeep from None
    if NUL.search(text):
        raise CharacterRefused
    if is_deeper(value, DEEPEST):
        raise TooDeep
    try:
        orjson.dumps(value, default=written_number)
    except orjson.JSONEncodeError:  # orjson writes no lone surrogate
        raise CharacterRefused from None
    return value


def is_deeper(value: Any, left: int) -> bool:
    if not isinstance(value, dict | list):
        return False
    return not left or any(is_deeper(one, left - 1) for one in (value.values() if isinstance(value, dict) else value))


def written(value: Any) -> bytes:
    """A value of `read(…, keep_numbers=True)` as JSON text, its numbers as they were sent."""
    return orjson.dumps(value, default=written_number)


def written_number(number: Any) -> orjson.Fragment:
    if not isinstance(number, Number):
        raise TypeError
    return orjson.Fragment(number.text)


def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise DuplicateKey
    return found


def bounded_integer(text: str) -> int:
    if len(text) > LONGEST_NUMBER or not INT64[0] <= (value := int(text)) <= INT64[1]:
        raise NumberRefused
    return value


def finite_number(text: str) -> Number:
    value = Number(text)
    is_zero = not text.lower().partition("e")[0].strip("-0.")
    if len(text) > LONGEST_NUMBER or not math.isfinite(value) or (not value and not is_zero):
        raise NumberRefused
    value.text = text
    return value


def no_constant(name: str) -> Any:
    raise NumberRefused  # NaN, Infinity, -Infinity


DECODER = json.JSONDecoder(
    object_pairs_hook=unique, parse_int=bounded_integer, parse_float=finite_number, parse_constant=no_constant
)
