"""`orrery migrate`."""

import contextlib
from pathlib import Path
from typing import Annotated

import typer

from admin.migrations.waiting import wait_for_postgres
from admin.schemas import ROOT, chosen
from admin.settings import AdminSettings, PostgresSettings
from libs.database.migrate import upgrade
from libs.database.provision import provision

Schemas = Annotated[list[str] | None, typer.Option(help="Only this schema; may be given again.")]
Seconds = Annotated[float, typer.Option(help="How long to wait for a PostgreSQL that is still starting.")]


def migrate(*, schema: Schemas = None, wait_seconds: Seconds = 300.0) -> None:
    """Make the schemas and their logins, and bring each schema to this image's newest revision.

    Safe to run as often as you like and beside another run; the previous release may serve meanwhile. A schema that a
    later release has migrated is left alone. ORRERY_POSTGRES__PROVISION=false leaves schemas and logins to whoever
    administers the server.
    """
    names = chosen(schema or [])
    postgres = AdminSettings.told().of_postgres()
    first = postgres.admin_dsn if postgres.provision else postgres.dsn(f"{next(iter(names))}_owner")
    wait_for_postgres(first, wait_seconds, typer.echo)
    with contextlib.chdir(ROOT):  # a migration's package is named by its path
        for name, service in names.items():
            typer.echo(bring(postgres, name, service))


def bring(postgres: PostgresSettings, schema: str, service: Path) -> str:
    """One schema, made where that is wished and migrated; the line of what was done."""
    if postgres.provision:
        passwords = [postgres.password(f"{schema}_{role}") for role in ("owner", "app")]
        provision(postgres.admin_dsn, schema, *passwords)
    return upgrade(service, postgres.dsn(f"{schema}_owner"), typer.echo)
