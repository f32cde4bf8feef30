"""Runs the benchmark: `make bench` or `python -m tools.bench [REQUESTS]`."""

import asyncio
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import httpx

from tools.bench.cpu import cpu_seconds
from tools.bench.load import Outcome, load, request
from tools.bench.report import Row, show
from tools.stack import throwaway
from tools.stack.own_fleet import Fleet, own_fleet

CONNECTIONS = (1, 16)
PASSWORD = "Password123"  # noqa: S105  # of an account that lives as long as the benchmark
LIMITS = ("AUTH", "UPLOAD", "DEFAULT", "ADDRESS", "ORGANIZATION")
UNLIMITED = {f"ORRERY_LIMITS__{name}": "100000000/min" for name in LIMITS}
QUIET = {"ORRERY_TELEMETRY__LOG_LEVEL": "WARNING"}


@dataclass(frozen=True)
class Case:
    """One kind of request, and how many of them at most."""

    name: str
    message: bytes
    total: int


@contextmanager
def measured(fleet: Fleet) -> Iterator[dict[str, float]]:
    """CPU seconds by process, filled in when the block ends."""
    pids = fleet.pids()
    before = {name: cpu_seconds(pid) for name, pid in pids.items()}
    spent: dict[str, float] = {}
    yield spent
    spent |= {name: cpu_seconds(pid) - before[name] for name, pid in pids.items()}


async def run(fleet: Fleet, case: Case, connections: int) -> Row:
    """Warm up, load, let the followers (relay, audit) finish, and count."""
    host, port = fleet.url.removeprefix("http://").split(":")
    await load(host, int(port), case.message, connections, max(20, case.total // 10))
    await asyncio.sleep(2)
    with measured(fleet) as spent:
        outcome: Outcome = await load(host, int(port), case.message, connections, case.total)
        await asyncio.sleep(2)
    idle = await idle_cost(fleet, outcome.seconds + 2)
    return Row(case.name, connections, outcome, {name: max(0.0, spent[name] - idle[name]) for name in spent})


async def idle_cost(fleet: Fleet, seconds: float) -> dict[str, float]:
    """What the same processes use in the same time when nobody asks; measured over 2 s and scaled."""
    with measured(fleet) as spent:
        await asyncio.sleep(2)
    return {name: used * seconds / 2 for name, used in spent.items()}


def cases(fleet: Fleet, requests: int) -> list[Case]:
    """A ladder of requests, each with a layer more than the one before."""
    host = fleet.url.removeprefix("http://")
    token, video = prepare(fleet.url)
    login = f'{{"username":"bench","password":"{PASSWORD}"}}'.encode()
    return [
        Case("HTTP alone: GET /healthz", request("GET", "/healthz", host), requests),
        Case("+ refusal, limits, access log: 401", request("GET", f"/api/media/videos/{video}", host), requests),
        Case("GET video by id", request("GET", f"/api/media/videos/{video}", host, token), requests),
        Case("GET me", request("GET", "/api/auth/me", host, token), requests),
        Case("GET list of 20 videos", request("GET", "/api/media/videos?limit=20", host, token), requests),
        Case(
            "PATCH video (write with event)",
            request("PATCH", f"/api/media/videos/{video}", host, token, b'{"title":"Bench"}'),
            requests // 4,
        ),
        Case("login (argon2id)", request("POST", "/api/auth/login", host, body=login), max(50, requests // 40)),
    ]


def prepare(url: str) -> tuple[str, int]:
    """An account with 30 videos; its token and the newest video."""
    with httpx.Client(base_url=url, trust_env=False, timeout=30) as http:
        account = {"username": "bench", "email": "bench@example.com", "password": PASSWORD}
        token = http.post("/api/auth/register", json=account).raise_for_status().json()["data"]["token"]
        http.headers["authorization"] = f"Bearer {token}"
        file = {"filename": "bench.mp4", "contentType": "video/mp4", "size": 1000}
        made = [http.post("/api/media/videos/init-upload", json=file).raise_for_status() for _ in range(30)]
        return token, made[-1].json()["data"]["videoId"]


async def main(requests: int) -> None:
    with throwaway.folder() as folder, own_fleet(folder, {"*": QUIET, "gateway": UNLIMITED}) as fleet:
        rows = [await run(fleet, case, connections) for case in cases(fleet, requests) for connections in CONNECTIONS]
    show(rows)


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else 4000))
