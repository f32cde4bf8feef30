"""A process starts, is seen, and ends in order; what is tested is a real process with real signals."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest
from orrery.identity.v1.identity_pb2 import Identity
from prometheus_client import REGISTRY

from libs.errors import Refusal
from libs.process.parts import STUCK_STATUS
from libs.rpc import Client, Passage, Signer
from libs.settings import TlsSettings
from tests.libs.generated import probe
from tests.libs.keys import key_files
from tests.libs.waiting import eventually
from tools.stack import ports

PATIENCE = 60.0


@dataclass
class Running:
    """The program, its folder and its ports."""

    process: asyncio.subprocess.Process
    folder: Path
    address: str
    operations: int
    client: Client
    signer: Signer

    async def call(self, what: str, seconds: float = 30.0) -> str:
        method = probe.DESCRIPTOR.services_by_name["ProbeService"].methods_by_name["Anyone"]
        passage = Passage(self.signer.sign(Identity()))
        answer: Any = await self.client.bind(method, seconds)(probe.Ask(what=what), passage)
        return str(answer.text)

    async def get(self, path: str) -> httpx.Response | None:
        """The operations port's answer; None where it gives none."""
        try:
            async with httpx.AsyncClient(trust_env=False) as client:
                return await client.get(f"http://127.0.0.1:{self.operations}{path}")
        except httpx.TransportError:
            return None

    async def answers(self, path: str, status: int) -> bool:
        found = await self.get(path)
        return found is not None and found.status_code == status

    async def is_ready(self) -> bool:
        return await self.answers("/readyz", 200)

    async def ended(self) -> tuple[int, list[dict[str, Any]], str]:
        """Its exit code, its log lines, and what it wrote to stderr."""
        out, err = await asyncio.wait_for(self.process.communicate(), PATIENCE)
        return self.process.returncode or 0, [orjson.loads(line) for line in out.splitlines()], err.decode()


@asynccontextmanager
async def program(folder: Path, *faults: str, **settings: str) -> AsyncIterator[Running]:
    private, public = key_files(folder / "keys")
    listen, operations = ports.free(), ports.free()
    given = {
        "RPC__LISTEN": f"127.0.0.1:{listen}",
        "RPC__IDENTITY_KEYS": str(public),
        "PROCESS__OPERATIONS": f"127.0.0.1:{operations}",
        "PROCESS__DRAIN_SECONDS": "30",
    }
    environment = {f"ORRERY_{name}": value for name, value in (given | settings).items()}
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.libs.process.program", str(folder), *faults),
        env={"PATH": os.environ["PATH"], "PYTHONPATH": ".:gen", **environment},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    client = Client("program", f"127.0.0.1:{listen}", TlsSettings())
    try:
        yield Running(process, folder, f"127.0.0.1:{listen}", operations, client, Signer(private))
    finally:
        await client.close()
        if process.returncode is None:
            process.kill()
            await process.communicate()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_it_serves_until_it_is_told_to_end_and_exits_with_zero(number: int, tmp_path: Path) -> None:
    async with program(tmp_path) as running:
        await eventually(running.is_ready)
        assert await running.call("hello") == "hello"
        assert await running.client.is_ready()
        assert await running.answers("/healthz", 200)
        assert await running.answers("/metrics", 200)

        running.process.send_signal(number)
        code, lines, err = await running.ended()

    assert (code, err) == (0, "")
    assert [line["event"] for line in lines] == ["process_started", "loop_ended", "process_ended"]


async def test_a_running_call_ends_while_the_process_drains_and_says_so(tmp_path: Path) -> None:
    async with program(tmp_path) as running:
        await eventually(running.is_ready)
        waiting = asyncio.create_task(running.call("wait"))
        await eventually(lambda: is_there(tmp_path / "entered"))

        running.process.send_signal(signal.SIGTERM)
        await eventually(lambda: running.answers("/readyz", 503))
        drained = await running.get("/readyz")
        assert drained
        assert drained.json()["accepting"] is False
        assert await running.answers("/healthz", 200)
        assert not await running.client.is_ready()
        (tmp_path / "go").touch()

        assert await waiting == "wait"
        code, lines, _ = await running.ended()
    assert code == 0
    assert lines[-1]["event"] == "process_ended"


async def test_a_call_that_does_not_end_is_cut_off_after_the_drain_time(tmp_path: Path) -> None:
    async with program(tmp_path, PROCESS__DRAIN_SECONDS="0.5") as running:
        await eventually(running.is_ready)
        waiting = asyncio.create_task(running.call("wait"))
        await eventually(lambda: is_there(tmp_path / "entered"))

        running.process.send_signal(signal.SIGTERM)
        code, _, _ = await running.ended()

        with pytest.raises(Refusal, match="away for a moment"):
            await waiting
    assert code == 0


async def test_a_part_that_fails_ends_the_process_with_its_error(tmp_path: Path) -> None:
    async with program(tmp_path, "loop") as running:
        code, lines, err = await running.ended()

    assert code == 1
    assert "the loop fell off" in err
    assert lines[0]["event"] == "process_started"


async def test_after_a_part_has_failed_one_that_does_not_end_is_left_behind(tmp_path: Path) -> None:
    async with program(tmp_path, "loop", "clinging", PROCESS__DRAIN_SECONDS="0.2") as running:
        code, lines, _ = await running.ended()

    assert code == STUCK_STATUS
    assert (lines[-1]["event"], lines[-1]["loops"]) == ("loops_stuck", ["Clinging"])
    assert "the loop fell off" in lines[-1]["exception"]


async def test_a_part_that_fails_refuses_running_calls_which_are_not_sent_again(tmp_path: Path) -> None:
    async with program(tmp_path, "later") as running:
        await eventually(running.is_ready)
        waiting = asyncio.create_task(running.call("wait"))
        await eventually(lambda: is_there(tmp_path / "entered"))
        before = sent_again()

        (tmp_path / "fall").touch()
        with pytest.raises(Refusal, match="away for a moment"):
            await waiting
        code, _, err = await running.ended()

    assert sent_again() == before
    assert (code, "the loop fell off" in err) == (1, True)


def sent_again() -> float:
    method = probe.DESCRIPTOR.services_by_name["ProbeService"].methods_by_name["Anyone"]
    return REGISTRY.get_sample_value("orrery_rpc_client_retries_total", {"rpc": method.full_name}) or 0.0


async def test_a_loop_that_is_cancelled_by_nobody_ends_the_process_too(tmp_path: Path) -> None:
    async with program(tmp_path, "quiet") as running:
        code, _, text = await running.ended()

    assert code == 1
    assert "LoopCancelled: Loop" in text


async def test_a_start_that_fails_runs_nothing(tmp_path: Path) -> None:
    async with program(tmp_path, "begin") as running:
        code, lines, err = await running.ended()

    assert (code, lines) == (1, [])
    assert "the block fell off" in err


async def test_it_is_ready_while_its_checks_say_so(tmp_path: Path) -> None:
    async with program(tmp_path) as running:
        await eventually(running.is_ready)
        await eventually(running.client.is_ready)

        (tmp_path / "sick").touch()
        await eventually(lambda: running.answers("/readyz", 503))
        await eventually(lambda: is_unready(running))
        assert await running.answers("/healthz", 200)
        assert await running.call("still here") == "still here"

        (tmp_path / "sick").unlink()
        await eventually(running.is_ready)
        await eventually(running.client.is_ready)


async def test_a_check_that_raises_is_a_no(tmp_path: Path) -> None:
    async with program(tmp_path, "check") as running:
        await eventually(lambda: running.answers("/readyz", 503))
        found = await running.get("/readyz")

    assert found
    assert found.json() == {"store": False, "accepting": True, "reasons": {"store": "the check fell off"}}


async def test_a_taken_port_ends_the_process_with_a_sentence(tmp_path: Path) -> None:
    async with program(tmp_path / "first") as first:
        await eventually(first.is_ready)
        taken = f"127.0.0.1:{first.operations}"
        async with program(tmp_path / "second", PROCESS__OPERATIONS=taken) as second:
            code, lines, err = await second.ended()

    assert code != 0
    assert "address already in use" in f"{lines}{err}".lower()


async def test_wrong_settings_end_the_process_with_a_sentence(tmp_path: Path) -> None:
    async with program(tmp_path, PROCESS__DRAIN_SECOND="5") as running:
        code, _, err = await running.ended()

    assert code != 0
    assert err.splitlines()[-1].endswith("did you mean ORRERY_PROCESS__DRAIN_SECONDS?")


async def test_metrics_are_those_of_the_process(tmp_path: Path) -> None:
    async with program(tmp_path) as running:
        await eventually(running.is_ready)
        found = await running.get("/metrics")

    assert found
    assert "process_cpu_seconds_total" in found.text
    assert found.headers["content-type"].startswith("text/plain")


async def is_there(path: Path) -> bool:
    return path.exists()  # noqa: ASYNC240  # a file that the process makes


async def is_unready(running: Running) -> bool:
    return not await running.client.is_ready()
