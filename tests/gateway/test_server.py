"""The HTTP server on a real socket: deadlines, limits, callers that hang up."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

import pytest

from gateway.server import Patience, http_server
from tests.gateway.fleet import Fleet

HASTE = Patience(
    head_seconds=0.4, body_seconds=0.4, idle_seconds=1, read_seconds=0.5, head_bytes=16_384, unread_bytes=65_536
)
GET = b"GET /api/media/videos/5 HTTP/1.1\r\nhost: x\r\nauthorization: Bearer kana\r\n\r\n"
POST = (
    b"POST /api/media/videos/init-upload HTTP/1.1\r\nhost: x\r\nauthorization: Bearer kana\r\n"
    b"content-type: application/json\r\n"
)


@dataclass
class Line:
    """A connection as bytes."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    async def send(self, data: bytes) -> None:
        self.writer.write(data)
        await self.writer.drain()

    async def flood(self) -> None:
        """Send 800 KB in small parts."""
        for _ in range(200):
            await self.send(b"x" * 4096)
            await asyncio.sleep(0.001)

    async def rest(self, seconds: float = 5.0) -> bytes:
        """All that comes until the server closes; TimeoutError where it does not."""
        parts = b""
        async with asyncio.timeout(seconds):
            try:
                while part := await self.reader.read(65536):
                    parts += part
            except ConnectionResetError:
                pass
        return parts

    async def answer(self) -> bytes:
        """One answer's head and body."""
        head = await asyncio.wait_for(self.reader.readuntil(b"\r\n\r\n"), 5)
        length = next(int(line.split(b":")[1]) for line in head.split(b"\r\n") if line.startswith(b"content-length"))
        return head + await self.reader.readexactly(length)


async def until(is_so: Callable[[], bool], seconds: float = 5.0) -> None:
    """Wait until it is so; fails where it does not come."""
    for _ in range(int(seconds * 100)):
        if is_so():
            return
        await asyncio.sleep(0.01)
    raise AssertionError(f"did not happen within {seconds} s")


@pytest.fixture
async def port(gateway: Fleet) -> AsyncIterator[int]:
    server = http_server(gateway.app, "127.0.0.1", 0, patience=HASTE, drain_seconds=1)
    running = asyncio.create_task(server._serve())
    await until(lambda: server.started)
    yield server.servers[0].sockets[0].getsockname()[1]
    server.should_exit = True
    await running


@asynccontextmanager
async def connected(port: int) -> AsyncIterator[Line]:
    line = Line(*await asyncio.open_connection("127.0.0.1", port))
    yield line
    line.writer.close()


async def test_a_silent_connection_is_closed(port: int) -> None:
    async with connected(port) as line:
        assert await line.rest() == b""


async def test_a_head_that_does_not_end_is_timed_out(port: int) -> None:
    async with connected(port) as line:
        await line.send(b"GET / HTTP/1.1\r\nhost: x\r\n")
        began = time.monotonic()

        async def drip() -> None:
            while True:  # a byte now and then is no progress
                await line.send(b"a: b\r\n")
                await asyncio.sleep(0.05)

        dripping = asyncio.create_task(drip())
        answer = await line.rest()
        dripping.cancel()

    assert answer.startswith(b"HTTP/1.1 408 ")
    assert time.monotonic() - began < 3


async def test_a_slow_head_on_a_kept_connection_is_timed_out_too(port: int) -> None:
    async with connected(port) as line:
        await line.send(GET)
        first = await line.answer()
        await line.send(b"GET / HTTP/1.1\r\n")

        assert first.startswith(b"HTTP/1.1 200 ")
        assert (await line.rest()).startswith(b"HTTP/1.1 408 ")


async def test_a_body_that_stops_is_given_up(port: int, gateway: Fleet) -> None:
    async with connected(port) as line:
        await line.send(POST + b"content-length: 100\r\n\r\n{")

        assert await line.rest() == b""
    assert gateway.log.rows[-1]["status"] == 499
    assert not gateway.seen.requests


async def test_an_idle_connection_is_closed(port: int) -> None:
    async with connected(port) as line:
        await line.send(GET)
        await line.answer()

        assert await line.rest() == b""


async def test_a_kept_connection_serves_many_requests(port: int) -> None:
    async with connected(port) as line:
        for _ in range(5):
            await line.send(GET)
            assert (await line.answer()).startswith(b"HTTP/1.1 200 ")
            await asyncio.sleep(0.2)


async def test_pipelined_requests_are_answered_in_order(port: int) -> None:
    async with connected(port) as line:
        await line.send(GET + GET.replace(b"videos/5", b"videos/404"))

        assert (await line.answer()).startswith(b"HTTP/1.1 200 ")
        assert (await line.answer()).startswith(b"HTTP/1.1 404 ")


@pytest.mark.parametrize("line_of_head", [b"x: " + b"y" * 1000 + b"\r\n", b"z" * 1000])
async def test_an_endless_head_is_refused(port: int, line_of_head: bytes) -> None:
    async with connected(port) as line:
        await line.send(b"GET / HTTP/1.1\r\nhost: x\r\n")
        for _ in range(17):
            await line.send(line_of_head)
            await asyncio.sleep(0)

        assert (await line.rest()).startswith(b"HTTP/1.1 431 ")


async def test_a_body_that_was_refused_is_not_read_for_ever(port: int) -> None:
    async with connected(port) as line:
        await line.send(POST.replace(b"kana", b"expired") + b"content-length: 900000\r\n\r\n")
        refused = await line.answer()
        with pytest.raises(ConnectionError):
            await line.flood()

    assert refused.startswith(b"HTTP/1.1 401 ")


async def test_a_caller_that_hangs_up_cancels_the_call(port: int, gateway: Fleet) -> None:
    body = b'{"videoId": 5}'
    request = POST.replace(b"init-upload", b"complete-upload") + b"content-length: %d\r\n\r\n" % len(body) + body
    async with connected(port) as line:
        await line.send(request)
        await until(lambda: bool(gateway.seen.requests))
    await until(lambda: bool(gateway.log.rows), 2)  # the servicer would take five seconds

    assert gateway.log.rows[-1]["status"] == 499


@pytest.mark.parametrize(
    "request_line",
    [
        b"GET /\xff HTTP/1.1",
        b"GET /%ff HTTP/1.1",
        b"GET http://other.example/api HTTP/1.1",
        b"OPTIONS * HTTP/1.1",
        b"GET /?%ff=%00 HTTP/1.1",
        b"GET /api/media/videos?\xff=1 HTTP/1.1",
        b"GET //// HTTP/1.1",
        b"BREW / HTTP/1.1",
        b"nonsense",
        b"GET / HTTP/9.9",
        b"PRI * HTTP/2.0",
        b"CONNECT example.com:443 HTTP/1.1",
    ],
)
async def test_an_odd_request_makes_no_server_error(port: int, request_line: bytes) -> None:
    async with connected(port) as line:
        await line.send(request_line + b"\r\nhost: x\r\nconnection: close\r\n\r\n")
        answer = await line.rest()

    assert not answer or answer.split(b" ")[1].startswith(b"4"), answer
