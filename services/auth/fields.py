"""Reading and judging the fields of requests."""

import unicodedata
from collections.abc import Iterator

from google.protobuf.message import Message

from libs.errors import Invalid, Violation


def given(request: Message, name: str) -> str | None:
    """An optional text field; None where it was not sent."""
    return str(getattr(request, name)) if request.HasField(name) else None


def refuse(*violations: Violation) -> None:
    """Raise Invalid where there are any."""
    if violations:
        raise Invalid("The request breaks the rules of its fields.", violations)


def name_violations(field: str, name: str | None, longest: int) -> Iterator[Violation]:
    """Of a name that people give to something: any text without control characters."""
    if name is None:
        return
    if not name.strip() or any(unicodedata.category(character) == "Cc" for character in name):
        yield Violation(field, "This must be a text without control characters.", "invalid_format")
    elif len(name) > longest:
        yield Violation(field, f"This must have at most {longest} characters.", "too_long")
