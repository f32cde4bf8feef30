"""`orrery smoke` against a whole fleet: what `helm test` runs inside a cluster."""

import json

from tests.admin.cli import orrery

STEPS = [
    *("register", "login", "init-upload", "PUT to the store", "complete-upload", "the worker"),
    *("results", "audit log", "access log", "delete"),
]


def test_the_main_job_is_told_step_by_step_and_can_be_repeated(fleet_url: str) -> None:
    first, second = orrery("smoke", "--url", fleet_url), orrery("smoke", "--url", fleet_url, "--json")

    told = [json.loads(line) for line in second.out.splitlines()]
    assert (first.status, first.err) == (second.status, second.err) == (0, "")
    assert [line[4:21].strip() for line in first.out.splitlines()] == STEPS
    assert [(one["step"], one["ok"]) for one in told] == [(name, True) for name in STEPS]


def test_a_step_that_fails_ends_it_with_its_sentence(fleet_url: str) -> None:
    said = orrery("smoke", "--url", fleet_url, "--seconds", "0")

    assert said.status == 1
    assert said.err.startswith("the worker: The video was not processed within 0 s")
    assert len(said.err.splitlines()) == 1
    assert "results" not in said.out


def test_kept_things_stay(fleet_url: str) -> None:
    said = orrery("smoke", "--url", fleet_url, "--keep")

    assert said.status == 0
    assert "delete" not in said.out


def test_a_gateway_that_is_not_there_is_named() -> None:
    said = orrery("smoke", "--url", "http://127.0.0.1:1")

    assert (said.status, len(said.err.splitlines())) == (1, 1)
    assert said.err.startswith("register: http://127.0.0.1:1 is not reached from here: ")


def test_an_authority_that_is_no_file_is_named() -> None:
    said = orrery("smoke", "--url", "https://127.0.0.1:1", "--ca", "/nowhere")

    assert (said.status, len(said.err.splitlines())) == (1, 1)
    assert said.err.startswith("/nowhere is no file of certificates")
