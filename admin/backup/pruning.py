"""Removing backups: the manifest first, so that what is half removed is none; then what only they referred to."""

from collections.abc import Callable

from admin.backup import entries, manifest
from admin.backup.known import Known, known
from admin.backup.names import BACKUPS, MANIFEST, POOL
from admin.backup.stores import Store


def prune(store: Store, keep: int, say: Callable[[str], None]) -> list[str]:
    """Keep the newest so many and remove the others; answers which went. No other backup may run meanwhile."""
    complete, _ = manifest.ids(store)
    over = complete[:-keep] if keep else []
    for one in over:
        store.remove([manifest.path(one, MANIFEST)])
        remove_files(store, one)
        say(f"removed {one}")
    if over:
        sweep_pool(store)
    return over


def sweep_unfinished(store: Store) -> None:
    """Remove what killed runs left, now that a complete backup has taken it over."""
    for one in manifest.ids(store)[1]:
        remove_files(store, one)


def remove_files(store: Store, backup: str) -> None:
    store.remove([file.name for file in store.files(f"{BACKUPS}{backup}/")])


def sweep_pool(store: Store) -> None:
    """Remove the objects that no backup refers to."""
    with known() as have:
        refer(store, have)
        have.note_pool(store.files(POOL))
        store.remove(have.unreferenced())


def refer(store: Store, have: Known) -> None:
    complete, unfinished = manifest.ids(store)
    for one in complete:
        have.note(entries.read(store, manifest.read(store, one).objects))
    for one in unfinished:
        have.note(entries.read_unfinished(store, one))
