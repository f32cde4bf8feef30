"""Sentences of refusals in other languages than English, which is the services' own.

A catalogue `<language>.json` has `reasons` (a refusal's own sentence), `codes` (where its reason has none) and `rules`
(a field's violation). Codes never change with the language.
"""

import json
from pathlib import Path
from typing import Any

from gateway.bridge.violations import Broken
from libs.errors import Refusal, Violation

FOLDER = Path(__file__).parent
MOST_WISHES = 20  # languages of one Accept-Language that are looked at


class Language:
    """English: every sentence is as the refusal says it."""

    tag = "en"

    def sentence(self, refusal: Refusal, code: str) -> str:
        """The refusal's sentence; `code` is the family's, for a catalogue that does not know the reason."""
        return refusal.message

    def violation(self, violation: Violation) -> str:
        """The violation's sentence."""
        return violation.message


class Translated(Language):
    """A language with a catalogue; what it lacks is told in English."""

    def __init__(self, tag: str, catalogue: dict[str, dict[str, str]]) -> None:
        self.tag = tag
        self.reasons, self.codes, self.rules = (catalogue[part] for part in ("reasons", "codes", "rules"))

    def sentence(self, refusal: Refusal, code: str) -> str:
        return filled(self.reasons.get(refusal.reason) or self.codes.get(code), refusal.details) or refusal.message

    def violation(self, violation: Violation) -> str:
        if not isinstance(violation, Broken):
            return violation.message
        return filled(self.rules.get(violation.told.rule), violation.told.values) or violation.message


def filled(template: str | None, values: dict[str, Any]) -> str | None:
    """The template with its values; None where one is missing."""
    try:
        return template.format(**values) if template else None
    except (KeyError, IndexError):
        return None


ENGLISH = Language()
LANGUAGES: dict[str, Language] = {
    "en": ENGLISH,
    **{path.stem: Translated(path.stem, json.loads(path.read_text("utf-8"))) for path in sorted(FOLDER.glob("*.json"))},
}


def chosen(accept_language: bytes) -> Language:
    """The wished-for language that there is, English where there is none (RFC 9110 §12.5.4)."""
    wishes: list[tuple[float, int, str]] = []
    for place, wish in enumerate(accept_language.decode("latin-1").split(",")[:MOST_WISHES]):
        tag, _, weight = wish.partition(";")
        wishes.append((-quality(weight), place, tag.strip().partition("-")[0].lower()))
    for refused, _, tag in sorted(wishes):
        if refused and tag in LANGUAGES:
            return LANGUAGES[tag]
    return ENGLISH


def quality(text: str) -> float:
    """The q of a wish; 1 where it has none, 0 where it is not understood."""
    name, _, value = text.strip().partition("=")
    if not name:
        return 1.0
    try:
        return min(1.0, max(0.0, float(value))) if name.strip().lower() == "q" and len(value) < 6 else 0.0
    except ValueError:
        return 0.0
