"""The migration job: `python -m libs.database VERB [services/NAME] [MESSAGE]`.

VERB: provision (schema and logins), migrate (to the newest revision), sql (print it), revision (write the next one).
"""

import sys
from pathlib import Path

from pydantic import BaseModel, ConfigDict, SecretStr

from libs.database.migrate import new_revision, print_sql, upgrade
from libs.database.provision import provision
from libs.settings import Settings


class MigrateSettings(BaseModel):
    """What the migration job is told; the admin's DSN only for `provision`."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    dsn: SecretStr = SecretStr("")
    admin_dsn: SecretStr = SecretStr("")
    schema_name: str = ""
    owner_password: SecretStr = SecretStr("")
    app_password: SecretStr = SecretStr("")


class JobSettings(Settings):
    migrate: MigrateSettings = MigrateSettings()


def main(arguments: list[str]) -> None:
    verb, *rest = arguments or ["help"]
    settings = JobSettings.read().migrate
    dsn = settings.dsn.get_secret_value()
    if verb == "provision":
        passwords = settings.owner_password.get_secret_value(), settings.app_password.get_secret_value()
        provision(settings.admin_dsn.get_secret_value(), settings.schema_name, *passwords)
    elif verb == "migrate":
        upgrade(Path(rest[0]), dsn)
    elif verb == "sql":
        print_sql(Path(rest[0]))
    elif verb == "revision":
        new_revision(Path(rest[0]), dsn, " ".join(rest[1:]))
    else:
        sys.exit(__doc__)


if __name__ == "__main__":
    main(sys.argv[1:])
