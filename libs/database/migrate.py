"""Alembic for a service's folder; the one environment of all of them is in libs/database/alembic."""

import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from alembic import command
from alembic.config import Config

from libs.database.locks import Lock
from libs.database.revisions import Connection, NoSchemaYet, newest, present, schema_of

ENVIRONMENT = Path(__file__).parent / "alembic"
POLL_SECONDS = 0.5
Say = Callable[[str], None]
ONE_THAT_VANISHED = "SET tcp_keepalives_idle = 30; SET tcp_keepalives_interval = 10; SET tcp_keepalives_count = 3"


def config(service: Path, dsn: str) -> Config:
    """Alembic's configuration for `services/<name>`."""
    made = Config()
    made.set_main_option("path_separator", "newline")  # no folder's name has one
    made.set_main_option("script_location", escaped(ENVIRONMENT))
    made.set_main_option("version_locations", escaped(service / "migrations" / "versions"))
    made.set_main_option("file_template", "%%(rev)s_%%(slug)s")
    made.attributes["dsn"] = re.sub("^postgresql://", "postgresql+psycopg://", dsn)
    made.attributes["package"] = ".".join(service.parts)
    return made


def escaped(path: Path) -> str:
    return str(path).replace("%", "%%")  # of configparser's interpolation


def upgrade(service: Path, dsn: str, say: Say = print) -> str:
    """Bring the schema to the newest revision, as its owner; one line of what was done.

    Of two at once, one works and the other says that it waits and finds it done. A schema of a later release is left
    alone: that release kept it usable for this one.
    """
    needed = newest(service)
    with alone(dsn, say) as connection:
        schema, before = schema_of(connection), revision_before(connection)
        if before > needed:
            return f"schema {schema} is at {before}, later than this image's {needed}; left alone"
        if before == needed:
            return f"schema {schema} is at {needed} already"
        command.upgrade(config(service, dsn), "head")
    return f"schema {schema} went from {before or 'nothing'} to {needed}"


def revision_before(connection: Connection) -> str:
    try:
        return present(connection)
    except NoSchemaYet:
        return ""


@contextmanager
def alone(dsn: str, say: Say = print) -> Iterator[Connection]:
    """A connection that holds the schema's migration lock, which ends with it; a minute after a machine that vanished.

    It is asked for again and again, never waited for: a statement that waits holds a snapshot, for whose end
    CREATE INDEX CONCURRENTLY of the one who has the lock would wait for ever.
    """
    with psycopg.connect(dsn, autocommit=True, connect_timeout=5) as connection:
        connection.execute(ONE_THAT_VANISHED)
        schema, is_told = schema_of(connection), False
        asked = "SELECT pg_try_advisory_lock(%s, hashtext(%s))", (Lock.MIGRATION, schema)
        while not connection.execute(*asked).fetchall()[0][0]:
            if not is_told:
                say(f"waiting: somebody else migrates schema {schema}")
                is_told = True
            time.sleep(POLL_SECONDS)
        yield connection


def print_sql(service: Path) -> None:
    """Print every migration as SQL, for squawk and for people."""
    command.upgrade(config(service, "postgresql://"), "head", sql=True)


def new_revision(service: Path, dsn: str, message: str) -> None:
    """Write the next revision from what the models say and the database has not."""
    numbers = [int(path.name[:4]) for path in (service / "migrations" / "versions").glob("[0-9]*.py")]
    command.revision(config(service, dsn), message, autogenerate=True, rev_id=f"{max(numbers, default=0) + 1:04d}")
