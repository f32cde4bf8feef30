"""Which master keys open what is sealed in a backup. The key itself is in none."""

import asyncio
from collections.abc import Sequence

from admin.backup.errors import BackupImpossible
from admin.backup.server import Connection, tables
from services.auth.sealing import MasterKeyUnusable
from services.auth.sealing.masters import MasterAway
from services.auth.sealing.settings import KeySettings
from services.auth.sealing.sources import masters

SEALED_IN, TABLE = "auth", "data_key"


def needed(seen: Connection, schemas: Sequence[str]) -> tuple[str, ...]:
    """Ids of the master keys that the data keys are sealed by."""
    if SEALED_IN not in schemas or TABLE not in tables(seen, SEALED_IN):
        return ()
    return tuple(one for (one,) in seen.execute("SELECT DISTINCT sealed_by FROM auth.data_key ORDER BY 1"))


def present(settings: KeySettings | None) -> set[str] | None:
    """Ids of the master keys at hand; None where none is named. Raises BackupImpossible."""
    if settings is None:
        return None
    try:
        return {asyncio.run(one.id()) for one in masters(settings)}
    except (MasterKeyUnusable, MasterAway) as unusable:
        raise BackupImpossible(f"The master key cannot be asked: {unusable}.") from unusable


def missing(of: Sequence[str], settings: KeySettings | None) -> str:
    """What is wrong with the master key for this backup; empty where nothing is, or none is named."""
    have = present(settings)
    lacking = sorted(set(of) - have) if have is not None else []
    if not lacking:
        return ""
    return f"It is sealed by master key {', '.join(lacking)}; at hand is {', '.join(sorted(have or ())) or 'none'}."
