"""Chromium with an authenticator of its own (Chrome DevTools Protocol, domain WebAuthn)."""

import asyncio
import json
import os
import signal
from asyncio.subprocess import DEVNULL, Process, create_subprocess_exec
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

from websockets.asyncio.client import ClientConnection, connect

from tests.services.auth.passkeys.authenticator import Json

FLAGS = ("--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run")
PATIENCE_SECONDS = 60.0
LOOKS, LOOK_SECONDS = 1200, 0.05
AUTHENTICATOR = {
    "protocol": "ctap2",
    "ctap2Version": "ctap2_1",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}
CREATE = """
(async options => {
  const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(options);
  return (await navigator.credentials.create({publicKey})).toJSON();
})"""
GET = """
(async options => {
  const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(options);
  return (await navigator.credentials.get({publicKey})).toJSON();
})"""


class PageRefused(Exception):
    """A page's promise was rejected; the text names the DOMException."""


class Browser:
    """One connection to the browser; every page has its session in it."""

    def __init__(self, connection: ClientConnection) -> None:
        self._connection, self._last = connection, 0

    async def ask(self, method: str, session: str | None = None, **parameters: Any) -> Json:
        """The result of a command; events that come between are passed over."""
        self._last += 1
        command = {"id": self._last, "method": method, "params": parameters}
        await self._connection.send(json.dumps({**command, "sessionId": session} if session else command))
        async with asyncio.timeout(PATIENCE_SECONDS):
            while (answer := json.loads(await self._connection.recv())).get("id") != self._last:
                pass
        assert "result" in answer, answer
        found: Json = answer["result"]
        return found

    async def open(self, url: str) -> "Page":
        """A page that has loaded, with an authenticator."""
        target = (await self.ask("Target.createTarget", url="about:blank"))["targetId"]
        session = (await self.ask("Target.attachToTarget", targetId=target, flatten=True))["sessionId"]
        page = Page(self, session)
        await self.ask("WebAuthn.enable", session)
        made = await self.ask("WebAuthn.addVirtualAuthenticator", session, options=AUTHENTICATOR)
        page.authenticator = made["authenticatorId"]
        await self.ask("Page.navigate", session, url=url)
        for _ in range(LOOKS):
            if await page.run("() => location.href + document.readyState") == f"{url}complete":
                return page
            await asyncio.sleep(LOOK_SECONDS)
        raise AssertionError(f"{url} did not load")


class Page:
    def __init__(self, browser: Browser, session: str) -> None:
        self._browser, self._session, self.authenticator = browser, session, ""

    async def run(self, function: str, *arguments: Any) -> Any:
        """What a function answers, awaited, as if the user had just clicked; raises PageRefused."""
        call = f"({function})({', '.join(json.dumps(one) for one in arguments)})"
        how = {"awaitPromise": True, "returnByValue": True, "userGesture": True}
        answer = await self._browser.ask("Runtime.evaluate", self._session, expression=call, **how)
        if wrong := answer.get("exceptionDetails"):
            raise PageRefused(wrong.get("exception", {}).get("description", wrong["text"]))
        return answer["result"].get("value")

    async def create(self, options: Json) -> Any:
        return await self.run(CREATE, options)

    async def get(self, options: Json) -> Any:
        return await self.run(GET, options)

    async def credentials(self) -> list[Json]:
        """What the authenticator keeps."""
        found = await self._browser.ask("WebAuthn.getCredentials", self._session, authenticatorId=self.authenticator)
        kept: list[Json] = found["credentials"]
        return kept

    async def verifies_its_user(self, does: bool) -> None:
        await self._browser.ask(
            "WebAuthn.setUserVerified", self._session, authenticatorId=self.authenticator, isUserVerified=does
        )


@asynccontextmanager
async def running(program: str, folder: Path) -> AsyncIterator[Browser]:
    """The browser, whose profile lies in the folder, until the block ends."""
    arguments = [*FLAGS, "--remote-debugging-port=0", f"--user-data-dir={folder}", "about:blank"]
    process = await create_subprocess_exec(
        program, *arguments, stdin=DEVNULL, stdout=DEVNULL, stderr=DEVNULL, start_new_session=True
    )
    try:
        address = await announced(process, folder / "DevToolsActivePort")
        async with connect(address, max_size=None, proxy=None) as connection:
            yield Browser(connection)
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        await process.wait()


async def announced(process: Process, file: Path) -> str:
    """Where the browser listens, once it says so in its profile."""
    for _ in range(LOOKS):
        if address := written(file):
            return address
        if process.returncode is not None:
            raise AssertionError(f"Chromium ended with {process.returncode}")
        await asyncio.sleep(LOOK_SECONDS)
    raise AssertionError("Chromium does not listen")


def written(file: Path) -> str:
    """Empty until both lines stand there."""
    lines = file.read_text().split() if file.exists() else []
    return f"ws://127.0.0.1:{lines[0]}{lines[1]}" if len(lines) > 1 else ""


@contextmanager
def empty_site() -> Iterator[int]:
    """The port of a site of empty pages."""

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *said: object) -> None:
            """Nothing."""

        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("content-type", "text/html")
            self.end_headers()
            self.wfile.write(b"<!doctype html><title>Sign in</title>")

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    Thread(target=server.serve_forever, daemon=True).start()
    yield server.server_port
    server.shutdown()
    server.server_close()
