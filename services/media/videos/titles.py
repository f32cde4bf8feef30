"""A client's file name as a title; it is never a path."""

import unicodedata

LONGEST = 255
UNTITLED = "untitled"
HIDDEN = {"Cc", "Cs", "Zl", "Zp"}
TURNS = set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""Marks that make text read in another order than it is written: "gpj.exe" shown as "exe.jpg"."""


def title_of(filename: str) -> str:
    """The last part of a path of either system, without characters that cannot be seen."""
    last = filename.replace("\\", "/").rstrip("/").rpartition("/")[2]
    return cleaned(last)[:LONGEST].strip(" .") or UNTITLED


def cleaned(text: str) -> str:
    """The text without control characters, turned around, in one normal form."""
    kept = (letter for letter in text if unicodedata.category(letter) not in HIDDEN and letter not in TURNS)
    return unicodedata.normalize("NFC", "".join(kept)).strip()
