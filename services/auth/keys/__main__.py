"""`python -m services.auth.keys VERB`, in auth's environment.

VERB: list (the live keys), rotate (publish a new key, which signs ten minutes later), withdraw KID (believe no token of
a key that leaked; gateways follow within five minutes).
"""

import asyncio
import sys

from libs.database import SYSTEM, Database
from libs.errors import Refusal
from services.auth.keys import rotation
from services.auth.keys.keyring import utc_now
from services.auth.keys.repository import SigningKeys
from services.auth.sealing import Ring
from services.auth.sealing.sources import masters
from services.auth.settings import AuthSettings


async def main(arguments: list[str]) -> str:
    """What to print; raises Refusal."""
    settings = AuthSettings.read()
    async with Database(settings.database) as database:
        sealer = Ring(database, masters(settings.keys))
        await sealer.refresh()
        match arguments:
            case ["list"]:
                return await listed(database)
            case ["rotate"]:
                return f"a new key signs from {await rotation.rotate(database, sealer, utc_now()):%FT%TZ}"
            case ["withdraw", kid]:
                await rotation.withdraw(database, sealer, kid, utc_now())
                return f"{kid} is withdrawn"
            case _:
                return sys.exit(__doc__)


async def listed(database: Database) -> str:
    """A line for each live key."""
    async with database.transaction(SYSTEM) as session:
        live = await SigningKeys(session).live()
    return "\n".join(f"{key.kid}  signs from {key.activates_at:%FT%TZ}" for key in live)


if __name__ == "__main__":
    try:
        print(asyncio.run(main(sys.argv[1:])))  # noqa: T201  # a command answers on stdout
    except Refusal as refusal:
        sys.exit(refusal.message)
