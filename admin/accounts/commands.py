"""`orrery create-admin`."""

import asyncio
import json
from typing import Annotated

import typer

from admin.settings import AdminSettings
from libs.database import Database
from libs.settings import DatabaseSettings
from services.auth.accounts import administrators
from services.auth.accounts.administrators import Made
from services.auth.accounts.passwords import Passwords

Username = Annotated[str, typer.Argument(help="Letters, digits and _.")]
Email = Annotated[str, typer.Argument()]
Force = Annotated[bool, typer.Option("--force", help="Also where there is an administrator already.")]
AsJson = Annotated[bool, typer.Option("--json")]


def create_admin(username: Username, email: Email, *, force: Force = False, as_json: AsJson = False) -> None:
    """Make a platform administrator and print a one-time password, once.

    The password signs nobody in: POST /api/auth/password/replace {username, password, newPassword} exchanges it within
    three days for one's own.
    """
    postgres = AdminSettings.told().of_postgres()
    made = asyncio.run(create(postgres.app("auth"), username, email, force=force))
    if as_json:
        typer.echo(json.dumps({**made._asdict(), "expires_at": f"{made.expires_at:%FT%TZ}"}))
        return
    typer.echo(f"{made.username} is a platform administrator.")
    typer.echo(f"One-time password, good until {made.expires_at:%FT%TZ}: {made.password}")
    typer.echo("Exchange it for your own: POST /api/auth/password/replace {username, password, newPassword}")


async def create(settings: DatabaseSettings, username: str, email: str, *, force: bool) -> Made:
    with Passwords(workers=1) as passwords:
        async with Database(settings) as database:
            return await administrators.create(database, passwords, username, email, force=force)
