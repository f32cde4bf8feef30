"""Waiting for a PostgreSQL that is still starting, aloud."""

import re
import time
from collections.abc import Callable

import psycopg

from admin.errors import Failed
from libs.database.reasons import reason

# A password that is wrong now is wrong in a minute.
FINAL = re.compile(r"authentication failed|no pg_hba\.conf entry|role .* does not exist|certificate|sslmode")
POLL_SECONDS = 1.0
CONNECT_SECONDS = 5


def wait_for_postgres(dsn: str, seconds: float, say: Callable[[str], None]) -> None:
    """Return once it takes connections; say each new reason to wait once. Raises Failed after `seconds`, or at once
    where waiting will not help.
    """
    limit, said = time.monotonic() + seconds, ""
    while why := refused(dsn):
        if FINAL.search(why):
            raise Failed(f"PostgreSQL refuses the login: {why}.")
        if time.monotonic() > limit:
            raise Failed(f"PostgreSQL did not answer within {seconds:.0f} s: {why}.")
        if why != said:
            say(f"waiting for PostgreSQL: {why}")
            said = why
        time.sleep(POLL_SECONDS)


def refused(dsn: str) -> str:
    """Why no connection is had; empty where one is."""
    try:
        psycopg.connect(dsn, connect_timeout=CONNECT_SECONDS).close()
    except psycopg.OperationalError as away:
        return reason(away).rstrip(".")
    return ""
