"""`orrery migrate`."""

import contextlib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer

from admin.backup.errors import BackupImpossible
from admin.backup.keeper import make_keeper
from admin.backup.server import connect, is_half_restored
from admin.migrations.waiting import wait_for_postgres
from admin.schemas import ROOT, chosen
from admin.settings import AdminSettings, PostgresSettings
from libs.database.migrate import upgrade
from libs.database.provision import provision

Schemas = Annotated[list[str] | None, typer.Option(help="Only this schema; may be given again.")]
Logins = Annotated[
    bool, typer.Option("--logins", help="Only make schemas and logins, as a restore needs them; migrate nothing.")
]
Seconds = Annotated[float, typer.Option(help="How long to wait for a PostgreSQL that is still starting.")]


def migrate(*, schema: Schemas = None, logins: Logins = False, wait_seconds: Seconds = 300.0) -> None:
    """Make the schemas and their logins, and bring each schema to this image's newest revision.

    Safe to run as often as you like and beside another run; the previous release may serve meanwhile. A schema that a
    later release has migrated is left alone, and all of them are while a restore is half done.
    ORRERY_POSTGRES__PROVISION=false leaves schemas and logins to whoever administers the server.
    """
    names = chosen(schema or [])
    postgres = AdminSettings.told().of_postgres()
    first = postgres.admin_dsn if postgres.provision else postgres.dsn(f"{next(iter(names))}_owner")
    wait_for_postgres(first, wait_seconds, typer.echo)
    if not logins:
        check_restored(first)
    if postgres.provision:
        for name in names:
            make(postgres, name)
    if not logins:
        upgrade_all(postgres, names)
    if postgres.provision and postgres.keeper:
        typer.echo(make_keeper(postgres.admin_dsn, postgres.keeper, postgres.password(postgres.keeper)))


def make(postgres: PostgresSettings, schema: str) -> None:
    passwords = [postgres.password(f"{schema}_{role}") for role in ("owner", "app")]
    provision(postgres.admin_dsn, schema, *passwords)


def check_restored(dsn: str) -> None:
    """Raise BackupImpossible where a restore has begun and not ended: the fleet would start on half of a backup."""
    with connect(dsn) as server:
        if is_half_restored(server):
            raise BackupImpossible(
                "A restore has begun and not ended; let it end, or run the same `orrery backup restore` again."
            )


def upgrade_all(postgres: PostgresSettings, names: Mapping[str, Path]) -> None:
    """Bring each schema to the newest revision, and say so."""
    with contextlib.chdir(ROOT):  # a migration's package is named by its path
        for name, service in names.items():
            typer.echo(upgrade(service, postgres.dsn(f"{name}_owner"), typer.echo))
