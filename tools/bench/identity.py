"""`make bench-identity`: what knowing who calls costs, and what a login costs beside its hash, alone and in a storm."""

import asyncio
import sys
import time

from services.auth.accounts.passwords import ARGON2ID
from tools.bench.__main__ import PASSWORD, QUIET, UNLIMITED, idle_cost, measured, prepare
from tools.bench.checks import checks
from tools.bench.load import Outcome, load, request
from tools.stack import throwaway
from tools.stack.own_fleet import Fleet, own_fleet

LOGINS, STORM, READS = 60, 8, 1500
HASHES = 20


def hash_seconds() -> float:
    """CPU seconds that comparing one password takes by itself."""
    hashed = ARGON2ID.hash(PASSWORD.encode())
    began = time.process_time()
    for _ in range(HASHES):
        ARGON2ID.verify(hashed, PASSWORD.encode())
    return (time.process_time() - began) / HASHES


async def login_cost(fleet: Fleet, host: str, port: int, login: bytes) -> tuple[float, float]:
    """CPU seconds of auth for one login, idle cost taken off, and of its hash alone, measured before and after."""
    await load(host, port, login, 1, 5)
    alone = hash_seconds()
    with measured(fleet) as spent:
        outcome = await load(host, port, login, 1, LOGINS)
    alone = (alone + hash_seconds()) / 2
    idle = await idle_cost(fleet, outcome.seconds)
    return (spent["auth"] - idle["auth"]) / len(outcome.latencies), alone


async def storm(host: str, port: int, read: bytes, login: bytes) -> tuple[Outcome, Outcome, Outcome]:
    """Reads by themselves, then beside a storm of logins, and the storm."""
    await load(host, port, read, 4, READS // 5)
    calm = await load(host, port, read, 4, READS)
    storming = asyncio.create_task(load(host, port, login, STORM, LOGINS * 4))
    await asyncio.sleep(0.5)
    beside = await load(host, port, read, 4, READS)
    return calm, beside, await storming


async def main() -> None:
    rows = {name: f"{best:.1f} to {worst:.1f} µs" for name, (best, worst) in (await checks()).items()}
    with throwaway.folder() as folder, own_fleet(folder, {"*": QUIET, "gateway": UNLIMITED}) as fleet:
        token, video = prepare(fleet.url)
        host, port = fleet.url.removeprefix("http://").split(":")
        read = request("GET", f"/api/media/videos/{video}", host, token)
        body = f'{{"username":"bench","password":"{PASSWORD}"}}'.encode()
        login = request("POST", "/api/auth/login", host, body=body)
        whole, alone = await login_cost(fleet, host, int(port), login)
        calm, beside, storming = await storm(host, int(port), read, login)
    rows |= {
        "login: CPU of auth": f"{whole * 1000:.1f} ms",
        "of it argon2id": f"{alone * 1000:.1f} ms",
        "GET video, p99 alone": f"{calm.percentile(0.99) * 1000:.1f} ms",
        f"GET video, p99 beside {STORM} connections that sign in": f"{beside.percentile(0.99) * 1000:.1f} ms",
        "the storm's logins by status": str(storming.statuses),
    }
    show(rows)


def show(rows: dict[str, str]) -> None:
    """Print a Markdown table."""
    lines = ["| what | cost |", "| --- | --- |", *(f"| {name} | {text} |" for name, text in rows.items())]
    sys.stdout.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    asyncio.run(main())
