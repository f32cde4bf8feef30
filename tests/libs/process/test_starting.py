"""What keeps a process from starting is one line for whoever deployed it, and no traceback."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.libs.process.test_process import PATIENCE, Running, is_there, program
from tests.libs.waiting import eventually

Spoil = Callable[[Path], dict[str, str]]


def no_key(folder: Path) -> dict[str, str]:
    return {"RPC__IDENTITY_KEYS": str(folder / "missing.pem")}


def unreadable_key(folder: Path) -> dict[str, str]:
    (folder / "broken.pem").write_text("-----BEGIN PUBLIC KEY-----\nbroken\n-----END PUBLIC KEY-----\n")
    return {"RPC__IDENTITY_KEYS": str(folder / "broken.pem")}


def a_folder_for_a_key(folder: Path) -> dict[str, str]:
    return {"RPC__IDENTITY_KEYS": str(folder)}


def no_port(folder: Path) -> dict[str, str]:
    return {"PROCESS__OPERATIONS": "127.0.0.1"}


def a_port_beyond_the_last(folder: Path) -> dict[str, str]:
    return {"PROCESS__OPERATIONS": "127.0.0.1:70000"}


def a_port_of_calls_beyond_the_last(folder: Path) -> dict[str, str]:
    return {"RPC__LISTEN": "127.0.0.1:70000"}


def an_unknown_host(folder: Path) -> dict[str, str]:
    return {"PROCESS__OPERATIONS": "nowhere.invalid:7200"}


def an_unknown_host_of_calls(folder: Path) -> dict[str, str]:
    return {"RPC__LISTEN": "nowhere.invalid:7100"}


def no_number(folder: Path) -> dict[str, str]:
    return {"PROCESS__DRAIN_SECONDS": "soon"}


def no_certificate(folder: Path) -> dict[str, str]:
    names = ("certificate", "key", "authority")
    return {f"RPC__{name.upper()}": str(folder / f"{name}.pem") for name in names}


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (no_key, "missing.pem: No such file or directory"),
        (unreadable_key, "broken.pem holds no Ed25519 public key (PEM)."),
        (a_folder_for_a_key, "Is a directory"),
        (no_port, "ORRERY_PROCESS__OPERATIONS: an address is host:port"),
        (a_port_beyond_the_last, "ORRERY_PROCESS__OPERATIONS: a port is 65535 at most"),
        (a_port_of_calls_beyond_the_last, "ORRERY_RPC__LISTEN: a port is 65535 at most"),
        (an_unknown_host, "nowhere.invalid:7200 cannot be listened on: "),
        (an_unknown_host_of_calls, "nowhere.invalid:7100 cannot be listened on: "),
        (no_number, "ORRERY_PROCESS__DRAIN_SECONDS: Input should be a valid number"),
        (no_certificate, ".pem cannot be read: No such file or directory"),
    ],
)
async def test_what_it_was_given_wrongly_is_one_line(spoil: Spoil, words: str, tmp_path: Path) -> None:
    async with program(tmp_path, **spoil(tmp_path)) as running:
        code, lines, err = await running.ended()

    assert (code, lines) == (1, [])
    assert words in err
    assert "Unknown error" not in err
    assert err.count("\n") == 1, err


async def test_a_taken_port_of_its_calls_is_one_line(tmp_path: Path) -> None:
    async with program(tmp_path / "first") as first:
        await eventually(first.is_ready)
        async with program(tmp_path / "second", RPC__LISTEN=first.address) as second:
            code, lines, err = await second.ended()

    assert (code, lines) == (1, [])
    assert first.address in err
    assert err.count("\n") == 1, err


async def test_a_taken_port_of_its_operations_is_one_line(tmp_path: Path) -> None:
    async with program(tmp_path / "first") as first:
        await eventually(first.is_ready)
        taken = f"127.0.0.1:{first.operations}"
        async with program(tmp_path / "second", PROCESS__OPERATIONS=taken) as second:
            code, lines, err = await second.ended()

    assert (code, lines) == (1, [])
    assert err == f"{taken} cannot be listened on: Address already in use.\n"


async def test_a_process_that_is_told_to_end_while_it_starts_ends(tmp_path: Path) -> None:
    async with program(tmp_path, "slow") as running:
        await eventually(lambda: is_there(tmp_path / "starting"))

        running.process.terminate()
        code, lines, err = await running.ended()

    assert (code, lines, err) == (0, [], "")


def test_the_first_process_of_a_container_ends_when_it_is_told_to(tmp_path: Path) -> None:
    """The kernel gives the first process of a namespace no signal for which it has no handler."""
    unshare = ["unshare", "--fork", "--pid", "--kill-child"]
    if subprocess.run([*unshare, "true"], capture_output=True, check=False).returncode:
        pytest.skip("this machine gives nobody a namespace of their own")
    process = subprocess.Popen(
        [*unshare, sys.executable, "-m", "tests.libs.process.program", str(tmp_path), "slow"],
        env={**os.environ, "PYTHONPATH": ".:gen"},
    )
    while not (tmp_path / "starting").exists():
        time.sleep(0.02)
    child = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()[0]

    os.kill(int(child), signal.SIGTERM)

    assert process.wait(PATIENCE) == 0


async def test_a_loop_that_does_not_end_is_left_behind(tmp_path: Path) -> None:
    async with program(tmp_path, "stuck", PROCESS__DRAIN_SECONDS="0.2") as running:
        await eventually(running.is_ready)

        running.process.terminate()
        code, lines, _ = await running.ended()

    assert code == 70
    assert (lines[-1]["event"], lines[-1]["loops"]) == ("loops_stuck", ["Loop"])


async def test_why_it_is_not_ready_is_told_once_and_again_when_it_changes(tmp_path: Path) -> None:
    async with program(tmp_path) as running:
        await eventually(running.is_ready)
        for why in ("the first reason", "the second reason\nwith a trace"):
            (tmp_path / "why").write_text(why)
            (tmp_path / "sick").touch()
            await eventually(lambda why=why: tells(running, why.partition("\n")[0]))  # type: ignore[misc]  # each its own
        (tmp_path / "sick").unlink()
        await eventually(running.is_ready)
        found = await running.get("/metrics")
        running.process.terminate()
        _, lines, _ = await running.ended()

    told = [line.get("reasons") for line in lines if line["event"] in ("not_ready", "ready_again")]
    assert told == [{"store": "the first reason"}, {"store": "the second reason"}, None]
    assert found
    assert 'orrery_process_ready{check="store"} 1.0' in found.text


async def tells(running: Running, why: str) -> bool:
    found = await running.get("/readyz")
    return found is not None and found.json().get("reasons") == {"store": why}


async def test_its_build_and_its_loop_are_seen(tmp_path: Path) -> None:
    async with program(tmp_path) as running:
        await eventually(running.is_ready)
        found = await running.get("/metrics")

    assert found
    assert 'orrery_build_info{revision="unknown",service="program",version="unknown"} 1.0' in found.text
    assert "orrery_event_loop_lag_seconds_bucket" in found.text
