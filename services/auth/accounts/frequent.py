"""Passwords that everybody tries first.

`frequent_passwords.txt` lists words and rows of keys. A password is refused when it is one of them, whatever its case,
or one of them with up to four digits or signs before or behind: a list of finished passwords would never end.
"""

import re
from functools import cache
from importlib.resources import files

AFFIX = r"[0-9!@#$%&*._?-]{0,4}"
LONGEST = 40  # characters; nothing frequent is longer


@cache
def frequent() -> frozenset[str]:
    """The list, read once."""
    text = files(__package__).joinpath("frequent_passwords.txt").read_text("utf-8")
    return frozenset(text.split())


def is_frequent(password: str) -> bool:
    folded = password.casefold()
    return len(folded) <= LONGEST and not frequent().isdisjoint(readings(folded))


def readings(folded: str) -> set[str]:
    """The password, and what is left of it without signs before and behind."""
    shortest = re.fullmatch(f"{AFFIX}?(.+?){AFFIX}", folded, re.DOTALL)
    longest = re.fullmatch(f"{AFFIX}(.+?){AFFIX}", folded, re.DOTALL)
    return {folded, *(found[1] for found in (shortest, longest) if found)}
