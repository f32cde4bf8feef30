"""`orrery keys`."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Annotated, Any

import typer

from admin.errors import Failed
from admin.keys.opened import Opened, opened
from admin.settings import AdminSettings
from libs.database import SYSTEM
from services.auth.keys import rotation
from services.auth.keys.repository import SigningKeys
from services.auth.sealing import operations
from services.auth.sealing.remaster import remaster as put_under_master
from services.auth.sealing.repository import DataKeys
from services.auth.sealing.rewrap import rewrap as seal_anew

app = typer.Typer(no_args_is_help=True, help="Keys that sign tokens, and keys that seal what auth stores.")
AsJson = Annotated[bool, typer.Option("--json")]
Kid = Annotated[str, typer.Argument(help="The key's id, as `orrery keys status` shows it.")]


@app.command()
def status(*, as_json: AsJson = False) -> None:
    """List the keys: since when each signs or seals, and which master key each data key is under."""
    signing, data = run(listed)
    if as_json:
        return typer.echo(json.dumps({"signing": signing, "data": data}))
    for key in signing:
        typer.echo(f"signing  {key['kid']}  signs from {key['from']}")
    for key in data:
        typer.echo(f"data     {key['id']}  {key['state']}  seals from {key['from']}  by {key['master']}")
    return None


@app.command()
def rotate(
    *,
    data: Annotated[bool, typer.Option("--data", help="The data key instead of the signing key.")] = False,
) -> None:
    """Make a new key. Nobody is signed out: a signing key is published ten minutes before it signs.

    Signing keys rotate by themselves every 30 days; this is for policy, and before `withdraw` of one that leaked. A new
    data key (--data) seals a minute later; `orrery keys rewrap` then brings what is stored under it.
    """
    typer.echo(run(rotate_data if data else rotate_signing))


@app.command()
def withdraw(kid: Kid) -> None:
    """Believe no token of a signing key that leaked: within five minutes its holders must sign in again."""

    async def work(keys: Opened) -> str:
        await rotation.withdraw(keys.database, await keys.ring(), kid, datetime.now(UTC))
        return f"{kid} is withdrawn"

    typer.echo(run(work))


@app.command()
def rewrap() -> None:
    """Seal every stored secret anew by the newest data key; the older ones then retire. Safe while auth runs."""

    async def work(keys: Opened) -> str:
        report = await seal_anew(keys.database, await keys.ring())
        if report.broken:
            raise Failed("These open with no known key:\n" + "\n".join(sorted(report.broken)))
        retired = ", ".join(str(one) for one in report.retired) or "none"
        return f"{report.rewritten} values were sealed anew; retired keys: {retired}"

    typer.echo(run(work))


@app.command()
def remaster() -> None:
    """Bring the data keys under a new master key (ORRERY_KEYS__MASTER), from ORRERY_KEYS__PREVIOUS__MASTER."""

    async def work(keys: Opened) -> str:
        return f"{await put_under_master(keys.database, keys.masters)} data keys are under the master key now"

    typer.echo(run(work))


def run(work: Callable[[Opened], Awaitable[Any]]) -> Any:
    async def inside() -> Any:
        async with opened(AdminSettings.told()) as keys:
            return await work(keys)

    return asyncio.run(inside())


async def rotate_signing(keys: Opened) -> str:
    return f"a new key signs from {await rotation.rotate(keys.database, await keys.ring(), datetime.now(UTC)):%FT%TZ}"


async def rotate_data(keys: Opened) -> str:
    made = await operations.rotate(keys.database, keys.masters[0])
    return f"data key {made} seals in {operations.PUBLISHED_AHEAD.seconds} s; run `orrery keys rewrap` then"


async def listed(keys: Opened) -> tuple[list[dict[str, str]], list[dict[str, str]]]:
    async with keys.database.transaction(SYSTEM) as session:
        signing, data = await SigningKeys(session).live(), await DataKeys(session).all()
    return (
        [{"kid": key.kid, "from": f"{key.activates_at:%FT%TZ}"} for key in signing],
        [
            {"id": str(key.id), "state": key.state, "from": f"{key.activates_at:%FT%TZ}", "master": key.sealed_by}
            for key in data
        ],
    )
