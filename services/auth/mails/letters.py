"""What can be written to people."""

from collections.abc import Mapping
from dataclasses import dataclass, field

LANGUAGES = ("en", "ja")
BOTH = ""
"""Of a person whose language is not known: both, one below the other."""

# The values that each template needs; `link` is a path of the app with its query, and gets the public URL before it.
TEMPLATES: Mapping[str, frozenset[str]] = {
    "verify_email": frozenset({"link"}),
    "reset_password": frozenset({"link", "minutes"}),
    "change_email": frozenset({"link"}),
    "email_changed": frozenset({"email"}),
    "password_changed": frozenset(),
    "invitation": frozenset({"organization", "inviter", "link"}),
    "second_factor_changed": frozenset({"change"}),
    "account_deletion": frozenset({"link", "until"}),
    "export_ready": frozenset({"link"}),
    "sign_in_from_new_place": frozenset({"address", "user_agent", "at"}),
}
GREETED = "username"
"""Every template takes it, and greets without a name where it is missing."""


class LetterUnusable(ValueError):
    """A letter that could not be written; a fault of whoever posts it."""


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail to one address in normal form. `language` is en, ja or, for both, empty; others mean both.

    Raises LetterUnusable where the template is unknown, values are missing or too many, or the link is no path.
    """

    to: str
    template: str
    language: str = BOTH
    values: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        needed = TEMPLATES.get(self.template)
        if needed is None:
            raise LetterUnusable(f"there is no mail called {self.template}")
        if needed != set(self.values) - {GREETED}:
            raise LetterUnusable(f"{self.template} needs the values {sorted(needed)}")
        link = self.values.get("link", "/")
        if not link.startswith("/") or link.startswith("//") or not link.isascii() or not link.isprintable():
            raise LetterUnusable("a link is a path of the app: /account/join#token=…")

    @property
    def languages(self) -> tuple[str, ...]:
        """The languages that it is written in."""
        return (self.language,) if self.language in LANGUAGES else LANGUAGES
