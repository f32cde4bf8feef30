"""A gateway for each test."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.gateway.fleet import Fleet, fleet


@pytest.fixture
async def gateway(tmp_path: Path) -> AsyncIterator[Fleet]:
    async with fleet(tmp_path) as running:
        yield running
