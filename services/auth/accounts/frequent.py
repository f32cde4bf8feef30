"""Passwords that everybody tries first.

zxcvbn brings the 30,000 that leaks show. `frequent_passwords.txt` lists more of them and rows of keys,
`frequent_words.txt` what they are made of: names, teams, makes. A password is refused when it is one of them, whatever
its case and with signs for letters (p@ssw0rd), or one of them, or two, with up to four digits or signs before or
behind. So are ten digits or fewer, a run (abcdefgh), and a short piece over and over: a list of finished passwords
would never end.
"""

import re
from functools import cache
from importlib.resources import files
from itertools import pairwise

from zxcvbn.frequency_lists import FREQUENCY_LISTS

LISTS = ("frequent_passwords.txt", "frequent_words.txt")
AFFIX = r"[0-9!@#$%&*._?-]{0,4}"
LONGEST = 40  # characters; nothing frequent is longer
SHORTEST_WORD = 3
MOST_DIGITS = 10  # of digits alone there are too few: dates, telephone numbers
LONGEST_PIECE = 4  # characters that are repeated
SIGNS = str.maketrans("@4310$5!7", "aaeiossit")


@cache
def frequent() -> frozenset[str]:
    """Both lists, read once."""
    folder = files(__package__)
    return frozenset(word for name in LISTS for word in folder.joinpath(name).read_text("utf-8").split())


@cache
def leaked() -> frozenset[str]:
    """The 30,000 that leaks show most often, as zxcvbn ships them."""
    return frozenset(FREQUENCY_LISTS["passwords"])


def is_frequent(password: str) -> bool:
    folded = password.casefold()
    if len(folded) > LONGEST:
        return False
    if folded in leaked():
        return True
    is_number = folded.isdecimal() and len(folded) <= MOST_DIGITS
    return is_number or is_run(folded) or is_repeated(folded) or is_listed(folded)


def is_listed(folded: str) -> bool:
    """Whether it is a listed word or two, however ornamented."""
    found = readings(folded)
    return any(is_word(one) or is_pair(one) for one in found | {one.translate(SIGNS) for one in found})


def is_word(text: str) -> bool:
    return text in frequent()


def is_pair(text: str) -> bool:
    return any(is_word(text[:at]) and is_word(text[at:]) for at in range(SHORTEST_WORD, len(text) - SHORTEST_WORD + 1))


def readings(folded: str) -> set[str]:
    """The password, and what is left of it without signs before and behind."""
    shortest = re.fullmatch(f"{AFFIX}?(.+?){AFFIX}", folded, re.DOTALL)
    longest = re.fullmatch(f"{AFFIX}(.+?){AFFIX}", folded, re.DOTALL)
    return {folded, *(found[1] for found in (shortest, longest) if found)}


def is_run(folded: str) -> bool:
    """Whether each character is the next one, or the one before, of the last."""
    steps = {ord(right) - ord(left) for left, right in pairwise(folded)}
    return steps in ({1}, {-1}, {0})


def is_repeated(folded: str) -> bool:
    """Whether it is a short piece over and over."""
    return re.fullmatch(rf"(.{{1,{LONGEST_PIECE}}}?)\1+.{{0,3}}", folded, re.DOTALL) is not None
