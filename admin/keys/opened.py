"""auth's keys, with its own database role and the master key."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from admin.errors import Failed
from admin.settings import AdminSettings
from libs.database import Database
from services.auth.sealing import MasterKeyUnusable, Ring
from services.auth.sealing.masters import Master
from services.auth.sealing.sources import masters


@dataclass(frozen=True)
class Opened:
    """What the commands work with."""

    database: Database
    masters: list[Master]

    async def ring(self) -> Ring:
        """The data keys, opened; raises MasterAway, MasterKeyUnusable."""
        ring = Ring(self.database, self.masters)
        await ring.refresh()
        return ring


@asynccontextmanager
async def opened(settings: AdminSettings) -> AsyncIterator[Opened]:
    """Raises Failed where the master key is not given or no key."""
    try:
        above = masters(settings.of_keys())
    except (MasterKeyUnusable, OSError) as unusable:
        raise Failed(f"The master key is unusable: {unusable}.") from None
    async with Database(settings.of_postgres().app("auth")) as database:
        yield Opened(database, above)
