"""What the tests of several libraries share: the tests' own service `ledger` on real parts."""

from collections.abc import AsyncIterator

import hypothesis
import pytest

from libs.database import Database
from libs.kafka import Kafka
from libs.settings import DatabaseSettings, KafkaSettings
from tests.conftest import DatabaseFor

# A busy machine is no bug: no example is refused for its time.
hypothesis.settings.register_profile("unhurried", deadline=None)
hypothesis.settings.load_profile("unhurried")


@pytest.fixture(scope="module")
def settings(database_for: DatabaseFor) -> DatabaseSettings:
    return database_for("ledger", "tests/libs/database/ledger")


@pytest.fixture(scope="module")
async def database(settings: DatabaseSettings) -> AsyncIterator[Database]:
    async with Database(settings) as opened:
        yield opened


@pytest.fixture(scope="module")
async def kafka(kafka_settings: KafkaSettings) -> AsyncIterator[Kafka]:
    async with Kafka(kafka_settings) as opened:
        yield opened
