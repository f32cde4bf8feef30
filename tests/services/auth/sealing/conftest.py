"""A house for each test: data keys are the whole deployment's."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from libs.settings import DatabaseSettings
from tests.conftest import DatabaseFor
from tests.services.auth.house import House, open_house


@pytest.fixture
def settings(database_for: DatabaseFor) -> DatabaseSettings:
    return database_for("auth", "services/auth")


@pytest.fixture
async def auth(settings: DatabaseSettings, tmp_path: Path) -> AsyncIterator[House]:
    async with open_house(settings, tmp_path) as house:
        yield house
