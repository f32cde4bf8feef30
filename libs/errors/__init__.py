"""Refusals: typed exceptions that a caller can act on and that keep their type over gRPC (libs/rpc/wire).

Services subclass them with a sentence: `class VideoNotFound(NotFound)`. Only the gateway knows HTTP numbers.
"""

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Violation:
    """One field that breaks a rule."""

    field: str
    message: str
    code: str


class Refusal(Exception):
    """Base: `str()` is an English sentence for the caller, `details` are facts that may be shown to them."""

    def __init__(self, message: str, **details: object) -> None:
        super().__init__(message)
        self.message = message
        self.details = {key: str(value) for key, value in details.items()}
        self.violations: tuple[Violation, ...] = ()
        self.reason = upper_snake(type(self).__name__)


class Invalid(Refusal):
    """The request breaks rules; `violations` say which."""

    def __init__(self, message: str, violations: tuple[Violation, ...] = (), **details: object) -> None:
        super().__init__(message, **details)
        self.violations = tuple(violations)


class Unauthenticated(Refusal):
    """Who calls is not known."""


class Forbidden(Refusal):
    """The caller is known and may not."""


class NotFound(Refusal):
    """There is no such thing, or it is another tenant's."""


class Conflict(Refusal):
    """The thing's present state forbids it."""


class Precondition(Refusal):
    """A condition that the caller set (If-Match) does not hold."""


class Exhausted(Refusal):
    """Too much, too often; `details["retry_after_seconds"]` where it helps."""


class Unavailable(Refusal):
    """A part is away; the same call may work later."""


class DeadlineExceeded(Refusal):
    """No answer in time; whether it took effect is unknown."""


class Internal(Refusal):
    """A fault of ours; says nothing of its cause."""


class CannotStart(Exception):
    """What this process was given to start with is not what it needs; `str()` is one line for whoever deployed it."""


def upper_snake(name: str) -> str:
    """AlreadyPublished → ALREADY_PUBLISHED; the one place where a reason gets its name."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).upper()
