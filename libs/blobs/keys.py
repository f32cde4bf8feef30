"""Object keys. A client's file name is never part of a path."""

import re

PART = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,199}")


def safe_key(*parts: object) -> str:
    """The parts joined by "/"; raises ValueError for a part that is empty, has a separator, or begins with a dot."""
    texts = [str(part) for part in parts]
    for text in texts:
        if not PART.fullmatch(text):
            raise ValueError(f"{text!r} cannot be part of an object's key")
    return "/".join(texts)
