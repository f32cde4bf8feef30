"""What codes and PINs must look like; the gateway checks the protos' constraints before."""

import math
import re
from collections.abc import Iterator
from itertools import pairwise

from libs.errors import Violation
from services.auth.fields import name_violations
from services.auth.second_factors.backup_codes import FORM

OTP = re.compile(r"[0-9]{6}", re.ASCII)
PIN = re.compile(r"[0-9]{4,12}", re.ASCII)
PAYMENT = re.compile(r"[!-~]{1,100}", re.ASCII)
LONGEST_PAYEE = 200
MOST = 1e15
METHODS = ("2fa", "pin")
# What people type when nothing comes to their mind, besides rows, repetitions and what reads the same way twice.
FREQUENT = frozenset(
    {"1004", "1379", "1397", "2580", "0852", "5683", "13579", "24680", "159753", "147258", "147258369"}
)


def otp_violations(field: str, code: str | None) -> Iterator[Violation]:
    if code is not None and not OTP.fullmatch(code):
        yield Violation(field, "This must be six digits.", "invalid_format")


def backup_violations(field: str, code: str | None) -> Iterator[Violation]:
    if code is not None and not FORM.fullmatch(code):
        yield Violation(field, "This must be a backup code, such as k3vq-7xm2-aewh-c5tp.", "invalid_format")


def pin_violations(field: str, pin: str | None) -> Iterator[Violation]:
    if pin is not None and not PIN.fullmatch(pin):
        yield Violation(field, "This must be 4 to 12 digits.", "invalid_format")


def frequent_violations(field: str, pin: str) -> Iterator[Violation]:
    """Of a new PIN, where those that are tried first are refused."""
    if PIN.fullmatch(pin) and is_frequent(pin):
        yield Violation(field, "This PIN is among the first that are tried; choose another.", "frequent")


def is_frequent(pin: str) -> bool:
    """Whether a PIN is a row such as 1234, 9876 or 2468, one or two digits repeated, a year, or known as frequent."""
    steps = {(int(after) - int(before)) % 10 for before, after in pairwise(pin)}
    is_row = len(steps) == 1 and steps <= {0, 1, 2, 8, 9}
    is_repeated = pin in (pin[:2] * 6)[: len(pin)]
    is_year = len(pin) == 4 and pin[:2] in ("19", "20")
    return is_row or is_repeated or is_year or pin in FREQUENT


def payment_violations(payment_id: str, method: str, code: str) -> Iterator[Violation]:
    if not PAYMENT.fullmatch(payment_id):
        yield Violation("paymentId", "This must be 1 to 100 ASCII characters without spaces.", "invalid_format")
    if method not in METHODS:
        yield Violation("method", "This must be one of 2fa, pin.", "not_allowed")
    if not (PIN.fullmatch(code) or FORM.fullmatch(code)):
        yield Violation("code", "This must be six digits, a backup code, or a PIN.", "invalid_format")


def terms_violations(amount: float | None, payee: str | None) -> Iterator[Violation]:
    if amount is not None and not (math.isfinite(amount) and 0 <= amount <= MOST):
        yield Violation("amount", "This must be a number from 0 to 10^15.", "out_of_range")
    yield from name_violations("payee", payee, LONGEST_PAYEE)
