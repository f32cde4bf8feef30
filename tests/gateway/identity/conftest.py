"""An auth that answers, and what the gateway makes of it."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from orrery.auth.v1.sessions_pb2 import DESCRIPTOR

from gateway.identity import Authenticator, Keys, NoCredentials, Proxies, Revocations, Tokens, keys_of
from libs.kafka import Kafka
from libs.settings import KafkaSettings
from tests.gateway.identity.issuer import AUDIENCE, ISSUER, Auth

NOWHERE = KafkaSettings(brokers="127.0.0.1:1")


@pytest.fixture
async def auth(tmp_path: Path) -> AsyncIterator[Auth]:
    made = Auth(tmp_path)
    await made.start()
    yield made
    await made.stop()


@pytest.fixture
async def keys(auth: Auth) -> AsyncIterator[Keys]:
    client = auth.client()
    list_keys = DESCRIPTOR.services_by_name["KeysService"].methods_by_name["ListKeys"]
    yield Keys(keys_of(client.bind(list_keys, 2.0), auth.signer))
    await client.close()


@pytest.fixture
def revocations() -> Revocations:
    return Revocations(Kafka(NOWHERE))


@pytest.fixture
def tokens(keys: Keys, revocations: Revocations) -> Tokens:
    return Tokens(keys, revocations, ISSUER, AUDIENCE)


@pytest.fixture
def authenticator(tokens: Tokens, auth: Auth) -> Authenticator:
    return Authenticator(tokens, NoCredentials(), auth.signer, Proxies("10.0.0.0/8"))
