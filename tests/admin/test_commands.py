"""Commands are imported when they are asked for, and the list of them says what each says of itself."""

import subprocess
import sys

import pytest

from admin.commands import Commands
from tests.admin.cli import ROOT, here

HEAVY = {"alembic", "confluent_kafka", "aiokafka", "grpc", "lightkube", "minio", "psycopg", "pydantic", "sqlalchemy"}
IMPORTED = "import sys; from admin.__main__ import main; main({!r}); print(*sorted(sys.modules), file=sys.stderr)"


@pytest.mark.parametrize("name", Commands.deferred)
def test_the_list_says_of_a_command_what_its_own_help_says(name: str) -> None:
    one = Commands.deferred[name]

    assert " ".join(one.load(name).help.split("\n\n")[0].split()) == one.sentence


def imported(*arguments: str) -> set[str]:
    """The heavy packages that a command has loaded when it ends."""
    command = [sys.executable, "-c", IMPORTED.format(list(arguments))]
    said = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT)
    return {name.partition(".")[0] for name in said.stderr.splitlines()[-1].split()} & HEAVY


def test_help_imports_none_of_what_commands_need() -> None:
    assert imported("--help") == set()


def test_a_command_imports_nothing_of_the_others() -> None:
    assert not imported("secrets", "make", "--help") & {"sqlalchemy", "psycopg", "alembic", "minio", "grpc"}


def test_a_name_that_is_nearly_one_is_helped_with() -> None:
    said = here("doktor", told={})

    assert (said.status, said.err) == (1, "No such command 'doktor'. Did you mean 'doctor'?\n")
