"""Rehearsing: a backup's schemas really restored, into a database that is dropped afterwards."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from psycopg import sql
from psycopg.conninfo import make_conninfo

from admin.backup import server
from admin.backup.errors import BackupBroken, CopyFailed
from admin.backup.manifest import Manifest
from admin.backup.programs import Programs
from admin.backup.restoring.schemas import Schemas
from admin.backup.settings import BackupSettings
from admin.backup.stores import Store


def restore_into_scratch(
    store: Store, settings: BackupSettings, backup: Manifest, dsn: str, say: Callable[[str], None]
) -> Iterator[str]:
    """Restore all schemas into a database of their own, compare the rows, and drop it; what is wrong, one sentence."""
    with scratch(dsn, f"orrery_scratch_{backup.id.lower()}") as target:
        schemas = Schemas(target, Programs(settings.programs), store, settings.jobs)
        try:
            schemas.restore(
                backup.schemas,
                lambda one: say(f"schema {one.name} restored: {sum(one.rows.values())} rows"),
                "--no-owner",
                "--no-privileges",
            )
        except (BackupBroken, CopyFailed) as broken:
            yield str(broken)


@contextmanager
def scratch(dsn: str, database: str) -> Iterator[str]:
    """A database beside the fleet's; one that a killed run left is made anew."""
    drop = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(database))
    with server.connect(dsn) as administered:
        administered.execute(drop)
        administered.execute(sql.SQL("CREATE DATABASE {} TEMPLATE template0").format(sql.Identifier(database)))
        try:
            yield make_conninfo(dsn, dbname=database)
        finally:
            administered.execute(drop)
