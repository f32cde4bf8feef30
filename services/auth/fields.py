"""Reading and judging the fields of requests."""

import unicodedata
from collections.abc import Iterator

from google.protobuf.message import Message

from libs.errors import Invalid, Violation

UNSEEN = {"Cc", "Cf", "Cs", "Mn", "Zl", "Zp", "Zs"}
REFUSED = {"Cc", "Cs", "Zl", "Zp"}
TURNS = set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""Marks that make text read in another order than it is written."""


def given(request: Message, name: str) -> str | None:
    """An optional text field; None where it was not sent."""
    return str(getattr(request, name)) if request.HasField(name) else None


def refuse(*violations: Violation) -> None:
    """Raise Invalid where there are any."""
    if violations:
        raise Invalid("The request breaks the rules of its fields.", violations)


def name_violations(field: str, name: str | None, longest: int) -> Iterator[Violation]:
    """Of a name that people give to something: any text that is seen, and seen as it is written."""
    if name is None:
        return
    kinds = {unicodedata.category(character) for character in name}
    if kinds <= UNSEEN or kinds & REFUSED or TURNS & set(name):
        yield Violation(field, "This must be a text without control characters.", "invalid_format")
    elif len(name) > longest:
        yield Violation(field, f"This must have at most {longest} characters.", "too_long")
