"""Prometheus' and Alertmanager's own programs."""

import pytest

from tests.observability.programs import Program
from tools.stack.errors import StackError
from tools.stack.install import apt
from tools.stack.layout import SETTINGS


@pytest.fixture(scope="session")
def installed() -> None:
    try:
        apt.ensure(SETTINGS["debian_prometheus"])
    except StackError as missing:
        pytest.skip(f"no Prometheus on this machine: {missing} {missing.advice}")


@pytest.fixture(scope="session")
def promtool(installed: None) -> Program:
    return Program("promtool")


@pytest.fixture(scope="session")
def amtool(installed: None) -> Program:
    return Program("amtool")
