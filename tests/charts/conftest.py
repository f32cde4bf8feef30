"""Helm and its like are built before the first test, whose own time would not be enough on a new machine."""

from contextlib import suppress

import pytest

from tools.stack.errors import StackError
from tools.stack.install import golang

NEED_THEM = {"charts", "new_service"}


def pytest_collection_finish(session: pytest.Session) -> None:
    """Where that fails, each test says why."""
    if NEED_THEM & {item.path.parent.name for item in session.items}:
        for name in golang.CHARTS:
            with suppress(StackError):
                golang.ensure(name)
