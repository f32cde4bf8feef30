"""Processes of the fleet: told their own names alone, awaited until ready, left alone when they run."""

import threading
from dataclasses import replace
from pathlib import Path

import pytest
from rich.console import Console

from tools.stack import ports, start
from tools.stack.environment import Surroundings
from tools.stack.errors import StartFailed
from tools.stack.fleet import Service
from tools.stack.layout import Deployable, Layout, load

QUIET = Console(quiet=True)


@pytest.fixture
def told(folder: Path) -> Surroundings:
    """The surroundings of a fleet of one dummy."""
    operations = ports.free()
    dummy = Deployable("dummy", "tests.tools.stack.dummy", ("process",), "", 0, operations)
    everything = {**load({}).ports, "dummy-operations": operations}
    return start.surroundings(Layout(folder, everything, (dummy,)))


def test_a_process_is_awaited_until_ready_and_left_alone_afterwards(told: Surroundings) -> None:
    deployables = told.layout.deployables
    service = Service(deployables[0], told.layout.folder)

    start.start_fleet(told, deployables, QUIET)
    pid = service.process.pid
    start.start_fleet(told, deployables, QUIET)

    assert pid is not None
    assert service.process.pid == pid
    assert service.is_healthy()
    assert service.stop()
    assert not ports.is_open(deployables[0].operations)


def test_a_process_is_told_its_own_names_and_no_others(told: Surroundings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ORRERY_DATABASE__DSN", "of somebody else")

    start.start_fleet(told, told.layout.deployables, QUIET)

    service = Service(told.layout.deployables[0], told.layout.folder)
    assert service.process.log.read_text() == "told: ORRERY_PROCESS__DRAIN_SECONDS ORRERY_PROCESS__OPERATIONS\n"


def test_a_process_that_ends_at_its_start_says_why(told: Surroundings) -> None:
    missing = replace(told.layout.deployables[0], module="tests.tools.stack.nowhere")

    with pytest.raises(ExceptionGroup) as raised:
        start.start_fleet(told, [missing], QUIET)

    (refused,) = raised.value.exceptions
    assert isinstance(refused, StartFailed)
    assert str(refused) == "dummy ended while it started."
    assert refused.tail.endswith("No module named tests.tools.stack.nowhere")


def test_of_two_commands_on_one_stack_the_second_waits(told: Surroundings) -> None:
    order: list[str] = []

    def second() -> None:
        with start.guarded(told.layout, QUIET):
            order.append("second")

    waiting = threading.Thread(target=second)
    with start.guarded(told.layout, QUIET):
        waiting.start()
        waiting.join(0.2)
        order.append("first")
    waiting.join()

    assert order == ["first", "second"]


def test_every_deployable_but_the_gateway_is_known_to_it_by_address(folder: Path) -> None:
    layout = load({"STACK_FOLDER": str(folder)})
    gateway = next(one for one in layout.deployables if one.name == "gateway")

    own = start.surroundings(layout).own(gateway)

    addressed = {name for name in own if name.startswith("ORRERY_SERVICES__")}
    others = {one.name.upper().replace("-", "_") for one in layout.deployables if one.port and one is not gateway}
    assert addressed == {f"ORRERY_SERVICES__{name}" for name in others}
