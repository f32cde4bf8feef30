"""What the operators' command line is told of a stack: names that it knows, and passwords where it looks."""

from pathlib import Path

import pytest

from admin.schemas import SCHEMAS
from admin.settings import AdminSettings
from tools.stack import layout, operators, start


def test_the_command_line_knows_every_name_and_finds_every_password(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = start.surroundings(layout.load({"STACK_FOLDER": str(folder)}))

    for name, value in operators.environment(told).items():
        monkeypatch.setenv(name, value)
    postgres = AdminSettings.told().of_postgres()

    assert postgres.admin_dsn == told.stores.admin_dsn
    for schema in SCHEMAS:
        role = f"{schema}_app"
        assert postgres.dsn(role) == told.stores.dsn(role, told.keys.password(role))
    assert AdminSettings.told().of_keys().master == told.keys.master
