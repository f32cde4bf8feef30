"""Members of what platforms say, read with care: any may be missing, too long or of another kind."""

from typing import Any

from services.auth.platforms.errors import PlatformAway

LONGEST_ID, LONGEST_URL = 100, 2048


def text(said: Any, name: str, longest: int = 500) -> str:
    """A member that is text, cut; empty where there is none."""
    found = said.get(name) if isinstance(said, dict) else None
    return found.replace("\0", "")[:longest] if isinstance(found, str) and is_unicode(found) else ""


def is_unicode(found: str) -> bool:
    """False for halves of surrogate pairs, which JSON can smuggle in and no answer can carry."""
    return not any("\ud800" <= one <= "\udfff" for one in found)


def name_of(said: Any, name: str = "id") -> str:
    """An id that a link stands on; raises PlatformAway where there is none."""
    found = text(said, name, LONGEST_ID + 1)
    if not found or len(found) > LONGEST_ID or not found.isprintable():
        raise PlatformAway
    return found


def picture(said: Any, name: str) -> str:
    """An https URL; empty where there is none."""
    found = text(said, name, LONGEST_URL)
    return found if found.startswith("https://") and found.isprintable() else ""


def first(said: dict[str, Any], name: str) -> dict[str, Any] | None:
    """The first object of a list; None where the list is empty. Raises PlatformAway where it is no list of objects."""
    found = said.get(name)
    if not isinstance(found, list) or (found and not isinstance(found[0], dict)):
        raise PlatformAway
    return found[0] if found else None
