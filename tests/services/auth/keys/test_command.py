"""`python -m services.auth.keys`."""

import asyncio
import base64
import os
import sys
from pathlib import Path

import pytest

from libs.errors import Conflict, NotFound
from libs.settings import DatabaseSettings
from services.auth.keys.__main__ import main
from tests.services.auth.house import MASTER, House


@pytest.fixture
def environment(settings: DatabaseSettings, tmp_path: Path) -> dict[str, str]:
    """What auth is told."""
    master = tmp_path / "master.key"
    master.write_bytes(base64.b64encode(MASTER))
    return {
        "ORRERY_DATABASE__DSN": settings.dsn.get_secret_value(),
        "ORRERY_KAFKA__BROKERS": "127.0.0.1:1",
        "ORRERY_RPC__LISTEN": "127.0.0.1:0",
        "ORRERY_RPC__IDENTITY_KEYS": "none.pem",
        "ORRERY_KEYS__MASTER": str(master),
        "ORRERY_TOKENS__ISSUER": "https://orrery.test",
        "ORRERY_TOKENS__AUDIENCE": "orrery",
    }


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
