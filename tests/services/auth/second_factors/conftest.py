"""Auth over a clock that the tests move: codes go by it."""

from collections.abc import AsyncIterator

import pytest

from libs.settings import DatabaseSettings
from tests.services.auth.house import CountingHasher, House, open_house
from tests.services.auth.second_factors.people import Ticking


@pytest.fixture(scope="module")
def clock() -> Ticking:
    return Ticking()


@pytest.fixture(scope="module")
async def auth(
    settings: DatabaseSettings, hasher: CountingHasher, clock: Ticking, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[House]:
    folder = tmp_path_factory.mktemp("keys")
    async with open_house(settings, folder, hasher=hasher, clock=clock, workers=4, queue_per_worker=200) as house:
        yield house
