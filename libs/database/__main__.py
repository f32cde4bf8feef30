"""The migration job: `python -m libs.database VERB [services/NAME] [MESSAGE]`.

VERB: provision (schema and logins), migrate (to the newest revision), sql (print it), revision (write the next one),
wait [--seconds N] (until the schema is at this image's newest revision or a later one; reads ORRERY_DATABASE__DSN).
"""

import sys
from collections.abc import Callable
from pathlib import Path

import psycopg
import sqlalchemy
from pydantic import BaseModel, ConfigDict, SecretStr

from libs.database.migrate import new_revision, print_sql, upgrade
from libs.database.provision import provision
from libs.database.reasons import reason
from libs.database.wait import WaitedInVain, wait_for_schema
from libs.settings import DatabaseSettings, Settings, WrongSettings


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


class WaitSettings(Settings):
    database: DatabaseSettings


Verb = Callable[[list[str]], None]


def folder(arguments: list[str]) -> Path:
    """The service's folder; raises WrongCall."""
    if not arguments:
        raise WrongCall("Name the service's folder: services/NAME.")
    if not (Path(arguments[0]) / "migrations" / "versions").is_dir():
        raise WrongCall(f"{arguments[0]} has no folder migrations/versions.")
    return Path(arguments[0])


def seconds(arguments: list[str]) -> float:
    """What stands after --seconds, else no end; raises WrongCall."""
    match arguments:
        case []:
            return float("inf")
        case ["--seconds", number] if number.isdigit():
            return float(number)
    raise WrongCall("wait takes the service's folder and --seconds N.")


def tell(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def given() -> MigrateSettings:
    return JobSettings.read().migrate


def provision_from_environment(_: list[str]) -> None:
    told = given()
    provision(*(told.needed(name) for name in ("admin_dsn", "schema_name", "owner_password", "app_password")))


def wait(rest: list[str]) -> None:
    service, most = folder(rest), seconds(rest[1:])
    dsn = WaitSettings.read().database.dsn.get_secret_value()
    wait_for_schema(service, dsn, most_seconds=most, say=tell)


VERBS: dict[str, Verb] = {
    "provision": provision_from_environment,
    "migrate": lambda rest: tell(upgrade(folder(rest), given().needed("dsn"), tell)),
    "sql": lambda rest: print_sql(folder(rest)),
    "revision": lambda rest: new_revision(folder(rest), given().needed("dsn"), " ".join(rest[1:])),
    "wait": wait,
}


def main(arguments: list[str]) -> None:
    verb, *rest = arguments or ["help"]
    if verb not in VERBS:
        sys.exit(__doc__)
    try:
        VERBS[verb](rest)
    except WaitedInVain as vain:
        sys.exit(f"waited in vain: {vain}")
    except (WrongSettings, WrongCall) as wrong:
        sys.exit(str(wrong))
    except (psycopg.OperationalError, psycopg.errors.InsufficientPrivilege) as refused:
        sys.exit(f"PostgreSQL: {reason(refused)}")
    except sqlalchemy.exc.OperationalError as refused:
        sys.exit(f"PostgreSQL: {reason(refused.orig)}")


if __name__ == "__main__":
    main(sys.argv[1:])
