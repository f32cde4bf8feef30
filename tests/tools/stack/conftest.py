from collections.abc import Iterator
from pathlib import Path

import pytest

from tools.stack import throwaway


@pytest.fixture
def folder() -> Iterator[Path]:
    """A stack folder, which everything that still runs in it leaves with the test."""
    with throwaway.folder() as made:
        yield made
