"""An organization's ADMIN, and the apps that they register."""

import pytest
from orrery.auth.v1.accounts_pb2 import SignedIn

from tests.services.auth.house import House, Visitor


@pytest.fixture
async def admin(auth: House) -> SignedIn:
    return await auth.register()


@pytest.fixture
def visitor(admin: SignedIn) -> Visitor:
    return Visitor(token=admin.token)
