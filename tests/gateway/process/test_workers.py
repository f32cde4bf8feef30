"""Several processes on one port."""

import asyncio
import os
import signal
from pathlib import Path

import httpx
import psutil

from tests.gateway.process.gateways import PATIENCE, Running, WholeAuth, gateway, until


async def gone(processes: list[psutil.Process]) -> bool:
    _, alive = await asyncio.to_thread(psutil.wait_procs, processes, PATIENCE)
    return not alive


async def whole(running: Running, count: int) -> set[int]:
    """The workers' pids, once there are so many and all are ready."""

    async def is_whole() -> bool:
        return len(running.children()) == count and await running.is_ready()

    await until(is_whole)
    return {child.pid for child in running.children()}


async def test_a_worker_that_dies_is_replaced_and_all_end_together(tmp_path: Path, auth: WholeAuth) -> None:
    async with gateway(tmp_path, auth, ORRERY_WORKERS="2") as running:
        before = await whole(running, 2)
        victim = min(before)
        assert (await running.me(auth.token())).status_code == 200

        os.kill(victim, signal.SIGKILL)
        assert await gone([psutil.Process(victim)] if psutil.pid_exists(victim) else [])
        after = await whole(running, 2)
        children = running.children()
        running.send(signal.SIGTERM)

        assert victim not in after
        assert len(before & after) == 1
        assert await running.ended() == 0
        assert await gone(children)


async def test_workers_share_the_port_and_are_shown_as_one(tmp_path: Path, auth: WholeAuth) -> None:
    async with gateway(tmp_path, auth, ORRERY_WORKERS="2") as running:
        await whole(running, 2)
        token = auth.token()
        for _ in range(40):  # the kernel chooses a process for each connection
            async with httpx.AsyncClient(trust_env=False) as caller:
                url = f"http://127.0.0.1:{running.port}/api/auth/me"
                assert (await caller.get(url, headers={"authorization": f"Bearer {token}"})).status_code == 200

        async with httpx.AsyncClient(trust_env=False) as caller:
            metrics = (await caller.get(f"http://127.0.0.1:{running.operations}/metrics")).text

        counted = [
            float(line.rpartition(" ")[2])
            for line in metrics.splitlines()
            if line.startswith("orrery_http_requests_total{") and 'route="/api/auth/me"' in line
        ]
        assert len(counted) == 2
        assert sum(counted) == 40
        assert metrics.count("# TYPE orrery_http_requests_total ") == 1


async def test_a_worker_that_does_not_end_is_killed_while_its_supervisor_still_ends_in_order(
    tmp_path: Path, auth: WholeAuth
) -> None:
    told = {"ORRERY_WORKERS": "2", "ORRERY_PROCESS__DRAIN_SECONDS": "0"}
    async with gateway(tmp_path, auth, **told) as running:
        stopped = min(await whole(running, 2))
        os.kill(stopped, signal.SIGSTOP)
        running.send(signal.SIGTERM)

        assert await running.ended() == 0
        assert '"worker_killed"' in running.log.read_text()


async def test_workers_end_when_their_supervisor_is_killed(tmp_path: Path, auth: WholeAuth) -> None:
    async with gateway(tmp_path, auth, ORRERY_WORKERS="2") as running:
        await whole(running, 2)
        children = running.children()

        running.send(signal.SIGKILL)
        await running.ended()

        assert await gone(children)
