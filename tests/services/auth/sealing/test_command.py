"""`python -m services.auth.sealing`."""

import asyncio
import base64
import os
import sys
from pathlib import Path

import pytest

from libs.errors import Conflict
from libs.settings import DatabaseSettings, WrongSettings
from services.auth.sealing.__main__ import main
from tests.services.auth.environment import environment_of_auth
from tests.services.auth.house import House


@pytest.fixture
def environment(settings: DatabaseSettings, tmp_path: Path) -> dict[str, str]:
    return environment_of_auth(settings, tmp_path)


async def test_a_rotation_from_its_beginning_to_its_end(
    auth: House, environment: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for variable, value in environment.items():
        monkeypatch.setenv(variable, value)
    first = auth.sealer.id

    assert (await main(["list"])).replace("-", "").startswith(f"{first}  live")
    assert "seals in 60 s" in await main(["rotate"])
    for verb in ("rotate", "rewrap"):
        with pytest.raises(Conflict):
            await main([verb])
    await auth.sql("UPDATE data_key SET activates_at = now()  WHERE activates_at > now()")
    assert (await main(["rewrap"])).startswith("1 values were sealed anew; retired keys: ")
    assert sorted(line.split("  ")[1] for line in (await main(["list"])).splitlines()) == ["live", "retired"]


async def test_a_change_of_the_master_key_takes_both(
    auth: House, environment: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for variable, value in environment.items():
        monkeypatch.setenv(variable, value)
    monkeypatch.setenv("ORRERY_KEYS__PREVIOUS__MASTER", environment["ORRERY_KEYS__MASTER"])
    monkeypatch.delenv("ORRERY_KEYS__MASTER")
    monkeypatch.setenv("ORRERY_KEYS__MASTER_TEXT", base64.b64encode(bytes(32)).decode())

    assert (await main(["remaster"])).endswith("data keys are under the master key now")

    monkeypatch.delenv("ORRERY_KEYS__PREVIOUS__MASTER")
    assert (await main(["rewrap"])).startswith("0 values were sealed anew")


async def test_a_failure_is_one_sentence_and_status_1(auth: House, environment: dict[str, str]) -> None:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "services.auth.sealing", "rotate"),
        env={
            "PATH": os.environ["PATH"],
            "PYTHONPATH": f".{os.pathsep}gen",
            **{name: value for name, value in environment.items() if name != "ORRERY_KEYS__MASTER"},
            "ORRERY_KEYS__VAULT__ADDRESS": "http://127.0.0.1:1",
            "ORRERY_KEYS__VAULT__TOKEN": "a-token",
        },
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    output, said = await process.communicate()

    assert (process.returncode, output) == (1, b"")
    assert said.decode().strip() == "the vault http://127.0.0.1:1 does not answer: ConnectError"


async def test_anything_else_is_answered_with_how_to_ask(
    environment: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for variable, value in environment.items():
        monkeypatch.setenv(variable, value)

    with pytest.raises(SystemExit, match="remaster"):
        await main(["explode"])


@pytest.mark.parametrize("more", [{"MASTER": "a", "MASTER_TEXT": "b"}, {"VAULT__ADDRESS": "http://v:8200"}])
async def test_there_is_one_master_key_and_one_way_to_it(
    environment: dict[str, str], monkeypatch: pytest.MonkeyPatch, more: dict[str, str]
) -> None:
    for variable, value in environment.items():
        monkeypatch.setenv(variable, value)
    monkeypatch.delenv("ORRERY_KEYS__MASTER")
    for variable, value in more.items():
        monkeypatch.setenv(f"ORRERY_KEYS__{variable}", value)

    with pytest.raises(WrongSettings, match="set one of"):
        await main(["list"])
