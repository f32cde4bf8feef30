"""Names of roles that look alike are one: nobody makes a second ADMIN in Cyrillic letters."""

import unicodedata
from collections.abc import Iterator

from libs.errors import Violation
from services.auth.fields import name_violations

LONGEST, LONGEST_KEY = 50, 200
# Letters of other scripts that are drawn like Latin ones (Unicode's confusables.txt, single letters, after casefold).
DRAWN_ALIKE = str.maketrans(
    "авсԁеһніјкӏморԛѕтуѵԝхαβεηικμνορτυχωζϲօոսıɑɡ",
    "abcdehhijklmopqstyvwxabehikmnoptyxwzconuiag",
)
RESERVED = ("admin", "operator")


def key_of(name: str) -> str:
    """What is the same of names that people read as one: no difference of case, width, script or unseen marks."""
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold())
    seen = "".join(one for one in folded if unicodedata.category(one) != "Cf")
    return " ".join(seen.translate(DRAWN_ALIKE).split())


def violations(name: str) -> Iterator[Violation]:
    yield from name_violations("name", name, LONGEST)
    if name != name.strip():
        yield Violation("name", "This must not begin or end with a space.", "invalid_format")
    elif len(key_of(name)) > LONGEST_KEY:  # a single sign may stand for eighteen letters
        yield Violation("name", f"This must have at most {LONGEST} characters.", "too_long")
