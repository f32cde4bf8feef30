"""The one table of error codes and statuses."""

from collections.abc import Mapping

from gateway.problems import Codes, Kind
from libs.errors import (
    Conflict,
    DeadlineExceeded,
    Exhausted,
    Forbidden,
    Internal,
    Invalid,
    NotFound,
    Precondition,
    Unauthenticated,
    Unavailable,
)

KINDS: Mapping[Kind, tuple[str, str, str]] = {
    # kind             envelope              plain                   resource
    Invalid:          ("VALIDATION_ERROR",   "VALIDATION_ERROR",     "VALIDATION_ERROR"),
    Unauthenticated:  ("UNAUTHORIZED",       "AUTHENTICATION_ERROR", "UNAUTHORIZED"),
    Forbidden:        ("FORBIDDEN",          "PERMISSION_DENIED",    "FORBIDDEN"),
    NotFound:         ("RESOURCE_NOT_FOUND", "RESOURCE_NOT_FOUND",   "RESOURCE_NOT_FOUND"),
    Conflict:         ("CONFLICT",           "CONFLICT",             "CONFLICT"),
    Precondition:     ("PRECONDITION_FAILED", "CONFLICT",            "PRECONDITION_FAILED"),
    Exhausted:        ("RATE_LIMITED",       "RATE_LIMIT_EXCEEDED",  "RATE_LIMITED"),
    Internal:         ("INTERNAL_ERROR",     "INTERNAL_ERROR",       "INTERNAL_ERROR"),
    Unavailable:      ("API_UNAVAILABLE",    "SERVICE_UNAVAILABLE",  "SERVICE_UNAVAILABLE"),
    DeadlineExceeded: ("API_UNAVAILABLE",    "SERVICE_UNAVAILABLE",  "SERVICE_UNAVAILABLE"),
}  # fmt: skip

EVERYWHERE = ("PAYLOAD_TOO_LARGE", "UNSUPPORTED_MEDIA_TYPE", "METHOD_NOT_ALLOWED", "REQUEST_TIMEOUT")
REASONS: Mapping[str, tuple[str, ...]] = {  # reasons that are codes themselves
    "envelope": (
        "INVALID_CREDENTIALS", "TOKEN_EXPIRED", "OTP_REQUIRED", "OTP_INVALID", "PIN_INVALID", "PIN_LOCKED",
        "RLS_VIOLATION", "PASSWORD_CHANGE_REQUIRED", *EVERYWHERE,
    ),
    "plain": ("INVALID_CREDENTIALS", "OTP_REQUIRED", "OTP_INVALID", "PASSWORD_CHANGE_REQUIRED", *EVERYWHERE),
    "resource": (
        "UNSUPPORTED_VERSION", "TOKEN_EXPIRED", "IDEMPOTENCY_IN_PROGRESS", "IDEMPOTENCY_KEY_REUSED",
        "PRECONDITION_REQUIRED", "QUOTA_EXCEEDED", *EVERYWHERE,
    ),
}  # fmt: skip
STATUSES: Mapping[str, int] = {
    "METHOD_NOT_ALLOWED": 405,
    "REQUEST_TIMEOUT": 408,
    "PAYLOAD_TOO_LARGE": 413,
    "UNSUPPORTED_MEDIA_TYPE": 415,
    "QUOTA_EXCEEDED": 402,
    "IDEMPOTENCY_KEY_REUSED": 422,
    "PIN_LOCKED": 423,
    "PRECONDITION_REQUIRED": 428,
}
UNPROCESSABLE: Mapping[str, int] = {  # the plain family's own
    "Invalid": 422,
    "NOT_JSON": 400,  # no body at all that a rule could be held against
    "UNSUPPORTED_VERSION": 400,
}


def codes(column: int, name: str, own_statuses: Mapping[str, int] | None = None) -> Codes:
    kinds = {kind: names[column] for kind, names in KINDS.items()}
    return Codes(kinds, {reason: reason for reason in REASONS[name]}, {**STATUSES, **(own_statuses or {})})


ENVELOPE_CODES = codes(0, "envelope")
PLAIN_CODES = codes(1, "plain", UNPROCESSABLE)
RESOURCE_CODES = codes(2, "resource")
ALL_CODES = frozenset(
    code
    for family in (ENVELOPE_CODES, PLAIN_CODES, RESOURCE_CODES)
    for code in (*family.kinds.values(), *family.reasons)
)
