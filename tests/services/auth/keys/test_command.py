"""`python -m services.auth.keys`."""

import asyncio
import os
import sys
from pathlib import Path

import pytest

from libs.errors import Conflict, NotFound
from libs.settings import DatabaseSettings
from services.auth.keys.__main__ import main
from tests.services.auth.environment import environment_of_auth
from tests.services.auth.house import House


@pytest.fixture
def environment(settings: DatabaseSettings, tmp_path: Path) -> dict[str, str]:
    return environment_of_auth(settings, tmp_path)


async def test_keys_are_listed_rotated_and_withdrawn(
    auth: House, environment: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for variable, value in environment.items():
        monkeypatch.setenv(variable, value)
    first = (await auth.keys()).keys[0].kid

    assert (await main(["list"])).startswith(first)
    assert (await main(["rotate"])).startswith("a new key signs from 20")
    with pytest.raises(Conflict):
        await main(["rotate"])
    assert await main(["withdraw", first]) == f"{first} is withdrawn"
    with pytest.raises(NotFound):
        await main(["withdraw", first])

    await auth.keyring.refresh()
    assert first not in [key.kid for key in (await auth.keys()).keys]


async def test_a_refusal_is_one_sentence_and_status_1(auth: House, environment: dict[str, str]) -> None:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "services.auth.keys", "withdraw", "nobodys"),
        env={"PATH": os.environ["PATH"], "PYTHONPATH": f".{os.pathsep}gen", **environment},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    output, said = await process.communicate()

    assert (process.returncode, output, said.decode().strip()) == (1, b"", "There is no live key of this id.")


async def test_anything_else_is_answered_with_how_to_ask(
    environment: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for variable, value in environment.items():
        monkeypatch.setenv(variable, value)

    with pytest.raises(SystemExit, match="withdraw KID"):
        await main(["explode"])
