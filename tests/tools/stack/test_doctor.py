"""The doctor names what is wrong, and what to do about it in one line."""

import os
import signal
import socket
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest
from rich.console import Console

from tools.stack import doctor, ports, start, status
from tools.stack.environment import Surroundings
from tools.stack.layout import SETTINGS, load, port_variable
from tools.stack.parts import Part


@pytest.fixture
def told(folder: Path) -> Surroundings:
    """A stack on free ports of which nothing runs."""
    environ = {port_variable(name): str(ports.free()) for name in SETTINGS["ports"]}
    return start.surroundings(load({"STACK_FOLDER": str(folder), **environ}))


def sentences(check: Callable[[Surroundings], Iterator[doctor.Finding]], told: Surroundings) -> list[str]:
    return [finding.sentence for finding in check(told)]


def redis_of(told: Surroundings) -> Part:
    return next(part for part in told.stores.own if part.name == "redis")


def test_nothing_is_wrong_with_a_stack_that_is_down(told: Surroundings) -> None:
    console = Console(record=True, quiet=True)

    assert doctor.examine(told.layout, console) == 0


def test_a_taken_port_is_named_with_its_holder(told: Surroundings) -> None:
    port = told.layout.ports["media-operations"]
    with socket.create_server((ports.HOST, port)):
        found = list(doctor.taken_ports(told))

    assert [finding.sentence.partition(" (")[0] for finding in found] == [
        f"Port {port} of media-operations is taken by process {os.getpid()}"
    ]
    assert found[0].advice.endswith("STACK_MEDIA_OPERATIONS_PORT=…")


def test_a_killed_part_is_noticed_by_doctor_and_status(told: Surroundings) -> None:
    part = redis_of(told)
    part.start()
    assert sentences(doctor.processes, told) == []
    pid = part.process.pid
    assert pid is not None

    os.kill(pid, signal.SIGKILL)
    psutil.wait_procs([psutil.Process(pid)], timeout=5)

    assert sentences(doctor.processes, told) == ["redis was killed, or ended by itself."]
    assert status.word(part) == "[red]killed[/]"


def test_a_running_part_is_shown_with_its_memory_and_age(told: Surroundings) -> None:
    part = redis_of(told)
    part.start()

    name, pid, port, health, megabytes, age = status.row(part)

    assert (name, pid, port) == ("redis", str(part.process.pid), str(part.port))
    assert "healthy" in health
    assert int(megabytes) > 0
    assert age.endswith(" s")


def test_a_secret_that_others_can_read_is_named(told: Surroundings) -> None:
    told.keys.master.chmod(0o644)

    assert sentences(doctor.secrecy, told) == [f"{told.keys.master} is readable for others."]


def test_a_clock_that_went_back_is_named(told: Surroundings) -> None:
    part = redis_of(told)
    part.start()
    ahead = part.process.record_file.stat().st_mtime + 3600
    os.utime(part.process.record_file, (ahead, ahead))

    assert len(sentences(doctor.clock, told)) == 1
