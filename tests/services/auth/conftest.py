"""One house a test file: auth in process over a database of its own."""

from collections.abc import AsyncIterator

import pytest

from libs.settings import DatabaseSettings
from tests.conftest import DatabaseFor
from tests.services.auth.house import CountingHasher, House, open_house


@pytest.fixture(scope="module")
def settings(database_for: DatabaseFor) -> DatabaseSettings:
    return database_for("auth", "services/auth")


@pytest.fixture(scope="module")
def hasher() -> CountingHasher:
    return CountingHasher()


@pytest.fixture(scope="module")
async def auth(
    settings: DatabaseSettings, hasher: CountingHasher, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[House]:
    async with open_house(settings, tmp_path_factory.mktemp("keys"), hasher=hasher) as house:
        yield house
