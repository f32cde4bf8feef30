"""What the fields of keys must look like."""

from collections.abc import Iterator
from datetime import datetime
from uuid import UUID

from libs.errors import Violation
from services.auth.fields import refuse
from services.auth.platforms.errors import PlatformKeyNotFound, PlatformNotFound
from services.auth.platforms.oauth import LONGEST_TOKEN, TOKEN
from services.auth.platforms.operations import Given


def given_key(
    access_token: str | None, refresh_token: str | None, token_expires_at: str | None, is_active: bool | None = None
) -> Given:
    """What is given for a key; raises Invalid with every field that breaks its rule."""
    ends = moment(token_expires_at) if token_expires_at is not None else None
    wrong = [Violation("token_expires_at", "This must be a moment such as 2027-01-31T12:00:00Z.", "invalid_format")]
    refuse(
        *token_violations("access_token", access_token),
        *token_violations("refresh_token", refresh_token),
        *(wrong if token_expires_at is not None and ends is None else []),
    )
    return Given(access_token, refresh_token, ends, is_active)


def token_violations(field: str, token: str | None) -> Iterator[Violation]:
    """Of a token that will go into a header as it is."""
    if token is not None and not TOKEN.fullmatch(token):
        yield Violation(field, f"This must be 1 to {LONGEST_TOKEN} characters of printable ASCII.", "invalid_format")


def moment(text: str) -> datetime | None:
    """RFC 3339 with its offset; None where it is none."""
    try:
        found = datetime.fromisoformat(text)
        return found if found.tzinfo and found.utctimetuple().tm_year else None
    except (ValueError, OverflowError):
        return None


def key_id(text: str) -> UUID:
    """What is no UUID names no key."""
    try:
        return UUID(text)
    except ValueError:
        raise PlatformKeyNotFound from None


def platform_id(text: str) -> UUID:
    """What is no UUID names no platform."""
    try:
        return UUID(text)
    except ValueError:
        raise PlatformNotFound from None
