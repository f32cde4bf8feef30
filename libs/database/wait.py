"""Waits until a service's schema is at least what its image needs; the init container of its pods."""

import time
from collections.abc import Callable
from pathlib import Path

import psycopg

from libs.database.reasons import reason
from libs.database.revisions import NoSchemaYet, newest, present, schema_of

POLL_SECONDS = 1.0
CONNECT_SECONDS = 5
Say = Callable[[str], None]


class WaitedInVain(TimeoutError):
    """The schema was not there in time."""


def wait_for_schema(service: Path, dsn: str, *, most_seconds: float = float("inf"), say: Say = print) -> None:
    """Return when the schema is at the newest revision of the folder, or at a later one.

    Says why it waits: once, and again when the reason changes. Raises WaitedInVain.
    """
    needed, said, end = newest(service), "", time.monotonic() + most_seconds
    while lacking := what_lacks(dsn, needed):
        if lacking != said:
            say(f"waiting: {lacking}")
            said = lacking
        if time.monotonic() + POLL_SECONDS > end:
            raise WaitedInVain(lacking)
        time.sleep(POLL_SECONDS)


def what_lacks(dsn: str, needed: str) -> str:
    """Why the schema cannot be worked with; empty where it can."""
    try:
        with psycopg.connect(dsn, autocommit=True, connect_timeout=CONNECT_SECONDS) as connection:
            return behind(schema_of(connection), present(connection), needed)
    except NoSchemaYet as missing:
        return f"schema {missing} is empty, no schema yet; this image needs {needed}"
    except psycopg.Error as failure:
        return f"PostgreSQL: {reason(failure)}"


def behind(schema: str, found: str, needed: str) -> str:
    return "" if found >= needed else f"schema {schema} is at {found}, this image needs {needed}"
