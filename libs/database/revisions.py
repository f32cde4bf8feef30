"""Which revision a schema is at, and which one this image's code was written for.

Revisions are numbers of four digits in a row, so that the later of two is the greater text.
"""

from pathlib import Path
from typing import Any

import psycopg

Connection = psycopg.Connection[Any]
PRESENT = "SELECT max(version_num) FROM alembic_version"
SCHEMA = "SELECT current_setting('search_path')"


class NoSchemaYet(LookupError):
    """Nothing was ever migrated there."""


def newest(service: Path) -> str:
    """The last revision in the folder of `services/<name>`; raises FileNotFoundError where there is none."""
    numbers = [path.name[:4] for path in (service / "migrations" / "versions").glob("[0-9]*.py")]
    if not numbers:
        raise FileNotFoundError(f"{service} has no migrations.")
    return max(numbers)


def schema_of(connection: Connection) -> str:
    """The role's own schema, by its search_path."""
    name: str = connection.execute(SCHEMA).fetchall()[0][0]
    return name


def present(connection: Connection) -> str:
    """The revision that the role's schema is at; raises NoSchemaYet."""
    try:
        found: str | None = connection.execute(PRESENT).fetchall()[0][0]
    except psycopg.errors.UndefinedTable:
        raise NoSchemaYet(schema_of(connection)) from None
    if found is None:
        raise NoSchemaYet(schema_of(connection))
    return found
