"""Alembic for a service's folder; the one environment of all of them is in libs/database/alembic."""

import re
from pathlib import Path

from alembic import command
from alembic.config import Config

ENVIRONMENT = Path(__file__).parent / "alembic"


def config(service: Path, dsn: str) -> Config:
    """Alembic's configuration for `services/<name>`."""
    made = Config()
    made.set_main_option("path_separator", "newline")  # no folder's name has one
    made.set_main_option("script_location", escaped(ENVIRONMENT))
    made.set_main_option("version_locations", escaped(service / "migrations" / "versions"))
    made.set_main_option("file_template", "%%(rev)s_%%(slug)s")
    made.attributes["dsn"] = re.sub("^postgresql://", "postgresql+psycopg://", dsn)
    made.attributes["package"] = ".".join(service.parts)
    return made


def escaped(path: Path) -> str:
    return str(path).replace("%", "%%")  # of configparser's interpolation


def upgrade(service: Path, dsn: str) -> None:
    """Bring the schema to the newest revision, as its owner."""
    command.upgrade(config(service, dsn), "head")


def print_sql(service: Path) -> None:
    """Print every migration as SQL, for squawk and for people."""
    command.upgrade(config(service, "postgresql://"), "head", sql=True)


def new_revision(service: Path, dsn: str, message: str) -> None:
    """Write the next revision from what the models say and the database has not."""
    numbers = [int(path.name[:4]) for path in (service / "migrations" / "versions").glob("[0-9]*.py")]
    command.revision(config(service, dsn), message, autogenerate=True, rev_id=f"{max(numbers, default=0) + 1:04d}")
