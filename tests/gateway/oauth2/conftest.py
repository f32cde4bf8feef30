"""One provider a test file, over a database of its own."""

from collections.abc import AsyncIterator

import pytest
from orrery.auth.v1.accounts_pb2 import SignedIn

from tests.conftest import DatabaseFor
from tests.gateway.oauth2.provider import Provider, provider


@pytest.fixture(scope="module")
async def oauth(database_for: DatabaseFor, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Provider]:
    settings = database_for("auth", "services/auth")
    async with provider(settings, tmp_path_factory.mktemp("keys")) as running:
        yield running


@pytest.fixture
async def admin(oauth: Provider) -> SignedIn:
    return await oauth.admin()
