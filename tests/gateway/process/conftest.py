"""An auth for gateways that are processes."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.gateway.process.gateways import WholeAuth


@pytest.fixture
async def auth(tmp_path: Path) -> AsyncIterator[WholeAuth]:
    made = WholeAuth(tmp_path)
    await made.start()
    yield made
    await made.stop()
