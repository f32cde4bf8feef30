"""A closed-loop HTTP/1.1 load from one process: each connection sends its next request when the last is answered."""

import asyncio
import time
from collections.abc import Iterator
from dataclasses import dataclass, field

HEADER_END = b"\r\n\r\n"


@dataclass
class Outcome:
    """What came of a load; latencies in seconds."""

    latencies: list[float] = field(default_factory=list)
    statuses: dict[int, int] = field(default_factory=dict)
    seconds: float = 0.0

    def percentile(self, share: float) -> float:
        """The latency that `share` of the requests stayed under."""
        ordered = sorted(self.latencies)
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def request(method: str, path: str, host: str, token: str = "", body: bytes = b"") -> bytes:
    """One request as bytes, made once and sent many times."""
    lines = [f"{method} {path} HTTP/1.1", f"Host: {host}"]
    if token:
        lines.append(f"Authorization: Bearer {token}")
    if body:
        lines += ["Content-Type: application/json", f"Content-Length: {len(body)}"]
    return "\r\n".join([*lines, "", ""]).encode() + body


async def load(host: str, port: int, message: bytes, connections: int, total: int) -> Outcome:
    """Send `message` `total` times over `connections` kept-alive connections."""
    outcome = Outcome()
    left = iter(range(total))
    began = time.perf_counter()
    await asyncio.gather(*(worker(host, port, message, left, outcome) for _ in range(connections)))
    outcome.seconds = time.perf_counter() - began
    return outcome


async def worker(host: str, port: int, message: bytes, left: Iterator[int], outcome: Outcome) -> None:
    reader, writer = await asyncio.open_connection(host, port)
    try:
        for _ in left:
            began = time.perf_counter()
            writer.write(message)
            status = await answer(reader)
            outcome.latencies.append(time.perf_counter() - began)
            outcome.statuses[status] = outcome.statuses.get(status, 0) + 1
    finally:
        writer.close()


async def answer(reader: asyncio.StreamReader) -> int:
    """Read one answer whole and return its status."""
    head = await reader.readuntil(HEADER_END)
    lowered = head.lower()
    at = lowered.find(b"content-length:")
    if at >= 0:
        length = int(lowered[at + 15 : lowered.index(b"\r\n", at)])
        await reader.readexactly(length)
    return int(head[9:12])
