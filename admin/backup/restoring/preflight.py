"""What must hold before anything is touched."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence

from admin.backup import server
from admin.backup.buckets import Buckets
from admin.backup.errors import BackupBroken, BackupImpossible
from admin.backup.manifest import Manifest
from admin.backup.server import Connection
from admin.backup.soundness import Soundness

Say = Callable[[str], None]
SHOWN = 5
POLL_SECONDS = 0.5


def renamed(names: Sequence[str], wished: Mapping[str, str]) -> dict[str, str]:
    """Where each bucket goes; raises BackupImpossible for a name that the backup has not, or one that two would get."""
    if unknown := sorted(set(wished) - set(names)):
        raise BackupImpossible(f"The backup has no bucket {', '.join(unknown)}; it has {', '.join(names)}.")
    found = {name: wished.get(name, name) for name in names}
    for target in found.values():
        if len(same := [name for name in names if found[name] == target]) > 1:
            raise BackupImpossible(f"{' and '.join(same)} would both become the bucket {target}.")
    return found


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


def wait_for_quiet(asked: Connection, names: Sequence[str], seconds: float, say: Say) -> None:
    """Return once the fleet has no session here; raise BackupImpossible where it has some after so long."""
    limit, has_said = time.monotonic() + seconds, False
    while open_now := server.sessions(asked, list(names)):
        told = ", ".join(f"{role} has {count}" for role, count in open_now.items())
        if time.monotonic() >= limit:
            raise BackupImpossible(f"The fleet uses this database ({told}); end its processes first.")
        if not has_said:
            say(f"waiting for the fleet's sessions to end: {told}")
            has_said = True
        time.sleep(POLL_SECONDS)


def check_sound(looking: Soundness, backup: str) -> None:
    """Read all of the backup; raise BackupBroken, which names the first thing that is wrong."""
    if wrong := next(looking.run(None), ""):
        raise BackupBroken(f"Backup {backup} is not good, and nothing was touched: {wrong}")


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
