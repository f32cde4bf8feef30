"""A gateway over auth, one a test file."""

from collections.abc import AsyncIterator

import pytest

from tests.conftest import DatabaseFor
from tests.gateway.oauth2.provider import Provider, provider


@pytest.fixture(scope="module")
async def site(database_for: DatabaseFor, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Provider]:
    settings = database_for("auth", "services/auth")
    async with provider(settings, tmp_path_factory.mktemp("keys")) as running:
        yield running
