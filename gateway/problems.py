"""A refusal as a family of routes tells it: status, code, sentence in the caller's language, details."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from gateway.messages import Language
from libs.errors import (
    Conflict,
    DeadlineExceeded,
    Exhausted,
    Forbidden,
    Internal,
    Invalid,
    NotFound,
    Precondition,
    Refusal,
    Unauthenticated,
    Unavailable,
)

Kind = type[Refusal]
SECONDS = "_seconds"  # details that end so are numbers


@dataclass(frozen=True, slots=True)
class Told:
    """A refusal, ready to be put into a family's shape."""

    status: int
    code: str
    reason: str
    message: str
    details: dict[str, Any] = field(default_factory=dict)
    violations: list[dict[str, str]] = field(default_factory=list)

    @property
    def shown_details(self) -> dict[str, Any]:
        """Details with the violations, and the reason where the code does not say as much."""
        shown = dict(self.details)
        if self.violations:
            shown["validation_errors"] = self.violations
        elif self.reason not in (self.code, "", *KIND_NAMES):
            shown["reason"] = self.reason
        return shown


@dataclass(frozen=True, slots=True)
class Codes:
    """A family's codes: one per kind of refusal, and reasons that are codes themselves.

    `reasons` maps a reason to its code; `statuses` gives a reason a status other than its kind's.
    """

    kinds: Mapping[Kind, str]
    reasons: Mapping[str, str]
    statuses: Mapping[str, int]

    def tell(self, refusal: Refusal, language: Language) -> Told:
        """The refusal in this family's words. Faults of ours say nothing of themselves."""
        kind = kind_of(refusal)
        code = self.reasons.get(refusal.reason, self.kinds[kind])
        status = self.statuses.get(refusal.reason) or self.statuses.get(kind.__name__) or STATUS[kind]
        message = language.sentence(refusal, code)
        if kind is Internal:
            return Told(status, code, "", message)
        violations = [
            {"field": one.field, "message": language.violation(one), "code": one.code} for one in refusal.violations
        ]
        return Told(status, code, refusal.reason, message, details(refusal), violations)


def kind_of(refusal: Refusal) -> Kind:
    """The kind of libs.errors that the refusal is one of."""
    return next((kind for kind in type(refusal).__mro__ if kind in STATUS), Internal)


def details(refusal: Refusal) -> dict[str, Any]:
    return {
        key: int(value) if key.endswith(SECONDS) and value.isdecimal() else value
        for key, value in refusal.details.items()
    }


STATUS: Mapping[Kind, int] = {
    Invalid: 400,
    Unauthenticated: 401,
    Forbidden: 403,
    NotFound: 404,
    Conflict: 409,
    Precondition: 412,
    Exhausted: 429,
    Internal: 500,
    Unavailable: 503,
    DeadlineExceeded: 503,
}
KIND_NAMES = frozenset(
    {
        "INVALID", "UNAUTHENTICATED", "FORBIDDEN", "NOT_FOUND", "CONFLICT", "PRECONDITION", "EXHAUSTED",
        "INTERNAL", "UNAVAILABLE", "DEADLINE_EXCEEDED",
    }
)  # fmt: skip
