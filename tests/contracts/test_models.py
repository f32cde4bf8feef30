"""What a service's models say is what its migrations made."""

from collections.abc import Callable
from pathlib import Path

import pytest
from alembic import command
from alembic.util import CommandError

from libs.database.migrate import config
from tests.conftest import PASSWORD
from tools.stack import parts
from tools.stack.layout import load

SCHEMAS = load().schemas


@pytest.mark.parametrize("schema", sorted(SCHEMAS))
def test_models_and_migrations_agree(
    postgres: parts.Postgres, template_for: Callable[[str, str], str], schema: str
) -> None:
    folder: Path = SCHEMAS[schema]
    database = template_for(schema, str(folder))

    try:
        command.check(config(folder, postgres.dsn(user=f"{schema}_owner", password=PASSWORD, database=database)))
    except CommandError as difference:
        pytest.fail(f"{folder}: {difference}; run make migration")
