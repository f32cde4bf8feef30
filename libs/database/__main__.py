"""The migration job: `python -m libs.database VERB [services/NAME] [MESSAGE]`.

VERB: provision (schema and logins), migrate (to the newest revision), sql (print it), revision (write the next one).
"""

import sys
from collections.abc import Callable
from pathlib import Path

import psycopg
import sqlalchemy
from pydantic import BaseModel, ConfigDict, SecretStr

from libs.database.migrate import new_revision, print_sql, upgrade
from libs.database.provision import provision
from libs.settings import Settings, WrongSettings


class WrongCall(ValueError):
    """An argument or a variable is missing."""


class MigrateSettings(BaseModel):
    """What the migration job is told; the admin's DSN only for `provision`."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    dsn: SecretStr = SecretStr("")
    admin_dsn: SecretStr = SecretStr("")
    schema_name: SecretStr = SecretStr("")  # no secret, but read like the others
    owner_password: SecretStr = SecretStr("")
    app_password: SecretStr = SecretStr("")

    def needed(self, name: str) -> str:
        """A variable's text; raises WrongCall where it is not set."""
        found: SecretStr = getattr(self, name)
        if not found.get_secret_value():
            raise WrongCall(f"ORRERY_MIGRATE__{name.upper()} is not set.")
        return found.get_secret_value()


class JobSettings(Settings):
    migrate: MigrateSettings = MigrateSettings()


def folder(arguments: list[str]) -> Path:
    """The service's folder; raises WrongCall."""
    if not arguments:
        raise WrongCall("Name the service's folder: services/NAME.")
    if not (Path(arguments[0]) / "migrations" / "versions").is_dir():
        raise WrongCall(f"{arguments[0]} has no folder migrations/versions.")
    return Path(arguments[0])


VERBS: dict[str, Callable[[MigrateSettings, list[str]], None]] = {
    "provision": lambda given, _: provision(
        *(given.needed(name) for name in ("admin_dsn", "schema_name", "owner_password", "app_password"))
    ),
    "migrate": lambda given, rest: upgrade(folder(rest), given.needed("dsn")),
    "sql": lambda _, rest: print_sql(folder(rest)),
    "revision": lambda given, rest: new_revision(folder(rest), given.needed("dsn"), " ".join(rest[1:])),
}


def main(arguments: list[str]) -> None:
    verb, *rest = arguments or ["help"]
    if verb not in VERBS:
        sys.exit(__doc__)
    try:
        VERBS[verb](JobSettings.read().migrate, rest)
    except (WrongSettings, WrongCall) as wrong:
        sys.exit(str(wrong))
    except psycopg.OperationalError as refused:
        sys.exit(f"PostgreSQL: {refused}")
    except sqlalchemy.exc.OperationalError as refused:
        sys.exit(f"PostgreSQL: {refused.orig}")


if __name__ == "__main__":
    main(sys.argv[1:])
