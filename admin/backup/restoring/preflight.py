"""What must hold before anything is touched."""

from collections.abc import Iterator, Sequence

from admin.backup import server
from admin.backup.buckets import Buckets
from admin.backup.errors import BackupImpossible
from admin.backup.manifest import Manifest
from admin.backup.server import Connection

SHOWN = 5


def check_roles(asked: Connection, backup: Manifest) -> None:
    """Raise BackupImpossible for logins that are missing: dumps name them."""
    wanted = [f"{one.name}_{role}" for one in backup.schemas for role in ("owner", "app")]
    rows = asked.execute("SELECT rolname::text FROM pg_roles WHERE rolname = ANY (%s)", [wanted])
    missing = sorted(set(wanted) - {name for (name,) in rows})
    if missing:
        raise BackupImpossible(f"There is no role {', '.join(missing)}; `orrery migrate` makes them.")


def check_version(asked: Connection, backup: Manifest) -> None:
    """Raise BackupImpossible for a server that is older than the dumps."""
    have, need = asked.info.server_version // 10000, int(backup.postgres) // 10000
    if have < need:
        raise BackupImpossible(f"This PostgreSQL is {have}; the backup was taken of {need}.")


def check_quiet(asked: Connection, names: Sequence[str]) -> None:
    """Raise BackupImpossible while the fleet has sessions here."""
    open_now = server.sessions(asked, list(names))
    if open_now:
        told = ", ".join(f"{role} has {count}" for role, count in open_now.items())
        raise BackupImpossible(f"The fleet uses this database ({told}); end its processes first.")


def check_empty(asked: Connection, names: Sequence[str], buckets: Buckets, targets: Sequence[str]) -> None:
    """Raise BackupImpossible, which names what is there."""
    there = [f"{table} with {rows} rows" for table, rows in server.filled(asked, list(names)).items()]
    there += list(filled_buckets(buckets, targets))
    if there:
        more = f" and {len(there) - SHOWN} more" if len(there) > SHOWN else ""
        raise BackupImpossible(
            f"The target is not empty: {', '.join(there[:SHOWN])}{more}. --force-overwrite replaces all of it."
        )


def filled_buckets(buckets: Buckets, targets: Sequence[str]) -> Iterator[str]:
    for name in targets:
        if first := next(buckets.listed(name), None):
            yield f"bucket {name} with {first.object_name}"


def check_buckets(buckets: Buckets, targets: Sequence[str]) -> None:
    for name in targets:
        if not buckets.exists(name):
            raise BackupImpossible(f"There is no bucket {name}; make it, or name another by --bucket OLD=NEW.")
