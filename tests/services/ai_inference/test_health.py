"""ai-inference runs as it is deployed: its own process, its migrated schema, its health."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import DatabaseFor
from tests.services.running import Running, running


@pytest.fixture
def service(database_for: DatabaseFor, tmp_path: Path) -> Iterator[Running]:
    with running("services.ai_inference", database_for("ai", "services/ai_inference"), tmp_path) as process:
        yield process


async def test_it_serves_while_kafka_is_away(service: Running) -> None:
    assert service.readiness() == {"database": True, "accepting": True}
    assert await service.is_serving("ai-inference")


def test_it_ends_cleanly_when_it_is_told_to(service: Running) -> None:
    assert service.end() == 0
