"""`python -m services.auth.accounts VERB`, in auth's environment.

VERB: create-admin USERNAME EMAIL [--force] (a platform administrator; --force where there is one already). It prints a
one-time password: POST /api/auth/password/replace exchanges it for one's own, which then signs in.
"""

import asyncio
import sys

from libs.database import Database
from libs.errors import Invalid, Refusal
from services.auth.accounts import administrators
from services.auth.accounts.passwords import Passwords
from services.auth.settings import AuthSettings

FORCE = "--force"


async def main(arguments: list[str]) -> str:
    """What to print; raises Refusal."""
    match [one for one in arguments if one != FORCE]:
        case ["create-admin", username, email] if username and email:
            return await create_admin(username, email, force=FORCE in arguments)
        case _:
            return sys.exit(__doc__)


async def create_admin(username: str, email: str, *, force: bool) -> str:
    settings = AuthSettings.read()
    with Passwords(workers=1) as passwords:
        async with Database(settings.database) as database:
            made = await administrators.create(database, passwords, username, email, force=force)
    return (
        f"{made.username} is a platform administrator.\n"
        f"One-time password, good until {made.expires_at:%FT%TZ}: {made.password}\n"
        "Exchange it for your own: POST /api/auth/password/replace {username, password, newPassword}"
    )


def sentence(refusal: Refusal) -> str:
    """All of a refusal that concerns whoever typed the command."""
    rules = [f"{one.field}: {one.message}" for one in refusal.violations] if isinstance(refusal, Invalid) else []
    return "\n".join([refusal.message, *rules])


if __name__ == "__main__":
    try:
        print(asyncio.run(main(sys.argv[1:])))  # noqa: T201  # a command answers on stdout
    except Refusal as refusal:
        sys.exit(sentence(refusal))
