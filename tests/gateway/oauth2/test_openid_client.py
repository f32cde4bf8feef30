"""Somebody else's client: npm's openid-client runs the whole flow against the running gateway."""

import asyncio
import json
import shutil
import subprocess
from asyncio.subprocess import Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from orrery.auth.v1.accounts_pb2 import SignedIn

from tests.gateway.oauth2.provider import Browser, Provider

SOURCE = Path(__file__).parents[2] / "clients" / "openid_client"
LOOPBACK = "http://127.0.0.1/callback"
INSTALL_SECONDS = 100


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The client's folder with its packages."""
    if not (shutil.which("node") and shutil.which("npm")):
        pytest.skip("Node.js is not installed: openid-client cannot run")
    folder = tmp_path_factory.mktemp("openid") / "client"
    shutil.copytree(SOURCE, folder)
    command = ["npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=INSTALL_SECONDS, check=False)
    if done.returncode:
        pytest.skip(f"openid-client could not be installed: {done.stderr[-300:]}")
    return folder


@asynccontextmanager
async def running(folder: Path, *arguments: str) -> AsyncIterator[Process]:
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(
        "node", "flow.mjs", *arguments, cwd=folder, stdin=pipe, stdout=pipe, stderr=pipe
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def flow(
    folder: Path, oauth: Provider, client: dict[str, Any], person: SignedIn, uri: str = LOOPBACK
) -> dict[str, Any]:
    """What the client finds out when somebody allows it all."""
    async with (
        running(folder, oauth.url, client["clientId"], client.get("clientSecret", ""), uri) as process,
        Browser(oauth) as browser,
    ):
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stderr is not None
        url = (await process.stdout.readline()).decode().strip()
        assert url, (await process.stderr.read()).decode()
        process.stdin.write((await browser.allowed(url, person)).encode() + b"\n")
        told, failed = await process.communicate()
        assert process.returncode == 0, failed.decode()
        found: dict[str, Any] = json.loads(told)
        return found


async def test_a_web_app(oauth: Provider, admin: SignedIn, installed: Path) -> None:
    client, person = await oauth.app_of(admin, redirectUris=[LOOPBACK]), await oauth.house.register()

    found = await flow(installed, oauth, client, person)

    assert (found["claims"]["sub"], found["claims"]["aud"]) == (person.user.id, client["clientId"])
    assert found["person"]["preferred_username"] == person.user.username
    assert found["person"]["email"] == person.user.email
    assert (found["before"]["active"], found["after"]) == (True, {"active": False})
    assert (found["refused"], found["scope"]) == ("invalid_grant", "media:read")


async def test_a_native_app(oauth: Provider, admin: SignedIn, installed: Path) -> None:
    registration = {"redirectUris": [LOOPBACK], "isPublic": True, "grantTypes": ["authorization_code", "refresh_token"]}
    client, person = await oauth.app_of(admin, **registration), await oauth.house.register()

    found = await flow(installed, oauth, client, person, "http://127.0.0.1:49152/callback")

    assert found["claims"]["sub"] == person.user.id
    assert found["refused"] == "invalid_grant"
