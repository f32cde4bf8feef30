"""Broken rules of a request: what each is called, how it reads in English, and the list that collects them.

A rule's key is also its key in the catalogues of other languages (gateway/messages).
"""

import difflib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

from libs.errors import Invalid, Violation

MOST = 20  # violations told at once: a body of a thousand wrong fields must not cost a thousand sentences
GUESSES = 3  # did-you-mean compares with every name of the message
SHOWN = re.compile(r"[A-Za-z0-9_.\-\[\]$]{1,80}")  # of a client's field names; others are not echoed

RULES: dict[str, tuple[str, str]] = {  # key → (public code, English sentence)
    "required": ("required", "This field is required."),
    "unknown": ("unknown_field", "There is no such field."),
    "near": ("unknown_field", "There is no such field; did you mean {near}?"),
    "in_path": ("unknown_field", "This stands in the path and is not taken here."),
    "repeated": ("repeated", "This is given more than once."),
    "one_of": ("conflicting_fields", "Only one of {names} is taken."),
    "object": ("invalid_type", "This must be a JSON object."),
    "array": ("invalid_type", "This must be a JSON array."),
    "string": ("invalid_type", "This must be a string."),
    "boolean": ("invalid_type", "This must be true or false."),
    "integer": ("invalid_type", "This must be an integer."),
    "number": ("invalid_type", "This must be a number."),
    "base64": ("invalid_format", "This must be base64."),
    "range": ("out_of_range", "This must be an integer from {low} to {high}."),
    "nul": ("invalid_character", "The character U+0000 is not taken."),
    "min_len": ("too_short", "This must have at least {limit} characters."),
    "max_len": ("too_long", "This must have at most {limit} characters."),
    "len": ("wrong_length", "This must have exactly {limit} characters."),
    "min_bytes": ("too_short", "This must have at least {limit} bytes."),
    "max_bytes": ("too_long", "This must have at most {limit} bytes."),
    "pattern": ("invalid_format", "This does not have the form that is asked for."),
    "email": ("invalid_format", "This must be an e-mail address."),
    "uuid": ("invalid_format", "This must be a UUID."),
    "uri": ("invalid_format", "This must be an absolute URI."),
    "in": ("not_allowed", "This must be one of {allowed}."),
    "not_in": ("not_allowed", "This value is not taken."),
    "gt": ("too_small", "This must be greater than {limit}."),
    "gte": ("too_small", "This must be at least {limit}."),
    "lt": ("too_large", "This must be less than {limit}."),
    "lte": ("too_large", "This must be at most {limit}."),
    "min_items": ("too_few", "This must have at least {limit} items."),
    "max_items": ("too_many", "This must have at most {limit} items."),
    "unique": ("not_unique", "Its items must differ."),
    "operator": ("not_allowed", "A filter's operator is one of {allowed}."),
    "page_or_cursor": ("conflicting_fields", "A list goes by page or by cursor, not by both."),
}


class Break(NamedTuple):
    """A rule that a value breaks, and what its sentence needs."""

    rule: str
    values: dict[str, str]


@dataclass(frozen=True, slots=True)
class Broken(Violation):
    """A violation that can be told in any language of the catalogue."""

    told: Break


class RulesBroken(Invalid):
    def __init__(self, violations: Iterable[Violation]) -> None:
        super().__init__("The request breaks the rules of its fields.", tuple(violations))


class Report:
    """Collects what a request breaks; one per request."""

    __slots__ = ("_guesses", "found")

    def __init__(self) -> None:
        self.found: list[Violation] = []
        self._guesses = GUESSES

    @property
    def is_full(self) -> bool:
        return len(self.found) >= MOST

    def add(self, field: str, told: Break) -> None:
        """Say that `field` (its public path) breaks a rule; past the twentieth it is not noted."""
        if not self.is_full:
            code, sentence = RULES[told.rule]
            self.found.append(Broken(shown(field), sentence.format(**told.values), code, told))

    def unknown(self, prefix: str, name: str, known: Iterable[str]) -> None:
        """Say that there is no field `name`, with the likeliest one that was meant."""
        close: list[str] = []
        if self._guesses and len(name) <= 64:  # longer than any field's name
            self._guesses -= 1
            close = difflib.get_close_matches(name, known, n=1)
        self.add(prefix + name, Break("near", {"near": close[0]}) if close else Break("unknown", {}))

    def close(self) -> None:
        """Raise RulesBroken where anything was found."""
        if self.found:
            raise RulesBroken(self.found)


def shown(field: str) -> str:
    return field if SHOWN.fullmatch(field) else "?"
