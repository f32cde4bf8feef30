"""What an account's fields must look like, and their normal forms.

The gateway checks the protos' constraints before; a service does not rely on it.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

import idna

from libs.errors import Violation
from services.auth.accounts.frequent import is_frequent
from services.auth.fields import name_violations, refuse

USERNAME = re.compile(r"[A-Za-z0-9_]{3,100}")
EMAIL = re.compile(r"[^@\s\x00-\x1f\x7f]{1,64}@[^@\s\x00-\x1f\x7f]+")  # the rest, only a mail sent there can tell
LONGEST_EMAIL = 255
LONGEST_NAME = 100
ENCODED = "xn--"
SHORTEST_PASSWORD, LONGEST_PASSWORD = 8, 1024  # characters


@dataclass(frozen=True, slots=True)
class Applicant:
    """Who asks for an account, in normal form."""

    username: str
    email: str
    password: str
    display_name: str | None = None
    language: str | None = None  # of mails


@dataclass(frozen=True, slots=True)
class PasswordRules:
    """What a new password must be besides 8 to 1024 characters; `own` are its owner's names."""

    refuse_frequent: bool = False
    mixed: bool = False  # upper case, lower case and digit

    def violations(self, password: str, field: str = "password", *own: str) -> Iterator[Violation]:
        """At most one, so that people read one sentence."""
        if len(password) < SHORTEST_PASSWORD:
            yield Violation(field, "This must have at least 8 characters.", "too_short")
        elif len(password) > LONGEST_PASSWORD:
            yield too_long_password(field)
        elif self.mixed and not is_mixed(password):
            yield Violation(field, "This must have an upper-case letter, a lower-case letter and a digit.", "weak")
        elif self.refuse_frequent and (is_frequent(password) or is_own(password, own)):
            yield Violation(field, "This password is among the first that are tried; choose another.", "frequent")


def admit(applicant: Applicant, passwords: PasswordRules) -> Applicant:
    """The applicant in normal form; raises Invalid with every field that breaks its rule."""
    email = normal_email(applicant.email)
    refuse(
        *username_violations(applicant.username),
        *email_violations(email),
        *passwords.violations(applicant.password, "password", applicant.username, email),
        *name_violations("display_name", applicant.display_name, LONGEST_NAME),
    )
    return replace(applicant, email=email)


def refuse_long_password(password: str) -> None:
    """Before a password is compared: hashing a megabyte is work that anybody could order."""
    if len(password) > LONGEST_PASSWORD:
        refuse(too_long_password())


def too_long_password(field: str = "password") -> Violation:
    return Violation(field, f"This must have at most {LONGEST_PASSWORD} characters.", "too_long")


def username_violations(username: str) -> Iterator[Violation]:
    if not USERNAME.fullmatch(username):
        yield Violation("username", "This must be 3 to 100 letters, digits or _.", "invalid_format")


def email_violations(email: str) -> Iterator[Violation]:
    if len(email) > LONGEST_EMAIL or not EMAIL.fullmatch(email):
        yield Violation("email", "This must be an e-mail address.", "invalid_format")


def normal_email(email: str) -> str:
    """The one form of an address: canonical composition, no difference of case, a domain's labels as people read them.

    Nothing is folded that a mail server tells apart: mails go to this form, and ß is not ss there.
    """
    local, at, domain = normal(email).rpartition("@")
    return local + at + normal(".".join(read_label(label) for label in domain.split(".")))


def normal(text: str) -> str:
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", text).lower())


def read_label(label: str) -> str:
    """A label of a domain as Unicode (RFC 5890: the U-label); as it stands where it is no encoded one."""
    try:
        found = idna.decode(label) if label.startswith(ENCODED) else label
    except (idna.IDNAError, UnicodeError):
        return label
    return found


def is_own(password: str, names: Iterable[str]) -> bool:
    """Whether a password is one of its owner's names, or what stands before the @ of one."""
    folded = password.casefold()
    return any(folded in (name.casefold(), name.casefold().partition("@")[0]) for name in names)


def is_mixed(password: str) -> bool:
    return all(any(has(one) for one in password) for has in (str.isupper, str.islower, str.isdigit))
