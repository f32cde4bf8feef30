"""Moments as the public answers write them."""

from datetime import UTC, datetime


def rfc3339(moment: datetime) -> str:
    """In UTC with microseconds, such as 2026-11-21T12:00:00.000000Z."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
