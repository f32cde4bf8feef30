"""`python -m services.auth.accounts`."""

import asyncio
import os
import re
import sys
from pathlib import Path

import pytest

from libs.settings import DatabaseSettings
from tests.services.auth.environment import environment_of_auth
from tests.services.auth.house import House, name
from tests.services.auth.recovery.desk import NEW, replace


@pytest.fixture
def environment(settings: DatabaseSettings, tmp_path: Path) -> dict[str, str]:
    return environment_of_auth(settings, tmp_path)


async def ran(environment: dict[str, str], *arguments: str) -> tuple[int | None, str, str]:
    """Status, stdout, stderr."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "services.auth.accounts", *arguments),
        env={"PATH": os.environ["PATH"], "PYTHONPATH": f".{os.pathsep}gen", **environment},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    output, said = await process.communicate()
    return process.returncode, output.decode(), said.decode().strip()


async def test_the_printed_password_becomes_ones_own(auth: House, environment: dict[str, str]) -> None:
    await auth.sql("UPDATE user_account SET is_admin = FALSE")  # this is the first one, in whatever order tests run
    username = name()
    status, output, said = await ran(environment, "create-admin", username, f"{username}@example.com")

    assert (status, said) == (0, "")
    found = re.search(r": ([a-z0-9]{5}(?:-[a-z0-9]{5}){3})$", output, re.MULTILINE)
    assert found
    await replace(auth, username, found[1])
    assert (await auth.login(username=username, password=NEW)).user.is_admin


async def test_a_second_one_must_be_meant(auth: House, environment: dict[str, str]) -> None:
    first, second = name(), name()
    await ran(environment, "create-admin", first, f"{first}@example.com", "--force")

    status, output, said = await ran(environment, "create-admin", second, f"{second}@example.com")
    forced, _, _ = await ran(environment, "create-admin", second, f"{second}@example.com", "--force")

    assert (status, output, forced) == (1, "", 0)
    assert said.startswith("There is a platform administrator already")


async def test_what_is_wrong_is_told_field_by_field(auth: House, environment: dict[str, str]) -> None:
    status, _, said = await ran(environment, "create-admin", "ä", "nowhere", "--force")

    assert status == 1
    assert "username: " in said
    assert "email: " in said


@pytest.mark.parametrize("arguments", [[], ["create-admin"], ["create-admin", "", ""], ["explode"]])
async def test_anything_else_is_answered_with_how_to_ask(environment: dict[str, str], arguments: list[str]) -> None:
    status, _, said = await ran(environment, *arguments)

    assert status == 1
    assert "create-admin USERNAME EMAIL" in said
