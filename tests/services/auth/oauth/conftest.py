"""An app, and somebody who is asked."""

import pytest
from orrery.auth.v1.accounts_pb2 import SignedIn

from tests.services.auth.house import House
from tests.services.auth.oauth.flow import App, new_app


@pytest.fixture
async def app(auth: House) -> App:
    return await new_app(auth)


@pytest.fixture
async def public_app(auth: House) -> App:
    grants = ["authorization_code", "refresh_token"]
    return await new_app(auth, is_public=True, grant_types=grants)


@pytest.fixture
async def person(auth: House) -> SignedIn:
    return await auth.register()
