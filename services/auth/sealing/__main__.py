"""`python -m services.auth.sealing VERB`, in auth's environment, while auth runs.

VERB: list (the data keys), rotate (make a new one, which seals a minute later), rewrap (bring every sealed value under
the newest data key), remaster (bring the data keys under the master key, from the one in ORRERY_KEYS__PREVIOUS__…).
"""

import asyncio
import sys

from libs.database import SYSTEM, Database
from libs.errors import Refusal
from services.auth.sealing import MasterKeyUnusable, Ring, SealBroken, operations
from services.auth.sealing.masters import Master, MasterAway
from services.auth.sealing.remaster import remaster
from services.auth.sealing.repository import DataKeys
from services.auth.sealing.rewrap import Report, rewrap
from services.auth.sealing.sources import masters
from services.auth.settings import AuthSettings

FAILURES = (Refusal, MasterKeyUnusable, MasterAway, SealBroken, ConnectionError, TimeoutError)


async def main(arguments: list[str]) -> str:
    """What to print; raises FAILURES."""
    settings = AuthSettings.read()
    async with Database(settings.database) as database:
        match arguments:
            case ["list"]:
                return await listed(database)
            case ["rotate"]:
                made = await operations.rotate(database, masters(settings.keys)[0])
                return f"data key {made} seals in {operations.PUBLISHED_AHEAD.seconds} s; run `rewrap` then"
            case ["rewrap"]:
                return await rewrapped(database, masters(settings.keys))
            case ["remaster"]:
                return f"{await remaster(database, masters(settings.keys))} data keys are under the master key now"
            case _:
                return sys.exit(__doc__)


async def listed(database: Database) -> str:
    """A line for each data key."""
    async with database.transaction(SYSTEM) as session:
        keys = await DataKeys(session).all()
    return "\n".join(f"{key.id}  {key.state}  seals from {key.activates_at:%FT%TZ}  by {key.sealed_by}" for key in keys)


async def rewrapped(database: Database, above: list[Master]) -> str:
    """One line; ends the process with status 1 where rows are left that open with no known key."""
    ring = Ring(database, above)
    await ring.refresh()
    report = await rewrap(database, ring)
    return sys.exit(broken(report)) if report.broken else told(report)


def told(report: Report) -> str:
    retired = ", ".join(str(one) for one in report.retired) or "none"
    return f"{report.rewritten} values were sealed anew; retired keys: {retired}"


def broken(report: Report) -> str:
    return "\n".join(
        [f"{report.rewritten} values were sealed anew; these open with no known key:", *sorted(report.broken)]
    )


if __name__ == "__main__":
    try:
        print(asyncio.run(main(sys.argv[1:])))  # noqa: T201  # a command answers on stdout
    except FAILURES as failure:
        sys.exit(str(failure))
