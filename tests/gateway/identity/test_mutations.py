"""A table of bent access tokens, in the manner of Project Wycheproof: each is turned away with 401 and a code.

tests/gateway/identity/test_tokens.py holds the plain ones; these are what an attacker tries next.
"""

import json
from collections.abc import AsyncIterator

import pytest
from orrery.auth.v1.sessions_pb2 import DESCRIPTOR
from orrery.options.v1.options_pb2 import Access, Caller

from gateway.identity import Authenticator, Keys, NoCredentials, Proxies, Revocations, Tokens, keys_of
from libs.errors import Unauthenticated
from libs.kafka import Kafka
from libs.settings import KafkaSettings
from tests.gateway.identity.issuer import AUDIENCE, ISSUER, Auth, good_header, payload
from tests.gateway.identity.mutations import NOW, TABLE, Bend

READER = Access(caller=Caller.CALLER_USER, scope="media:read")
LIST_KEYS = DESCRIPTOR.services_by_name["KeysService"].methods_by_name["ListKeys"]
REFUSED, EXPIRED = "TOKEN_REFUSED", "TOKEN_EXPIRED"
UNKNOWN, MALFORMED = "CREDENTIAL_UNKNOWN", "CREDENTIAL_MALFORMED"


@pytest.fixture(scope="module")
async def auth(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Auth]:
    made = Auth(tmp_path_factory.mktemp("issuer"))
    await made.start()
    yield made
    await made.stop()


@pytest.fixture(scope="module")
async def authenticator(auth: Auth) -> AsyncIterator[Authenticator]:
    client = auth.client()
    keys = Keys(keys_of(client.bind(LIST_KEYS, 2.0), auth.signer))
    tokens = Tokens(keys, Revocations(Kafka(KafkaSettings(brokers="127.0.0.1:1"))), ISSUER, AUDIENCE)
    yield Authenticator(tokens, NoCredentials(), auth.signer, Proxies())
    await client.close()


def bearing(token: str | bytes) -> list[tuple[bytes, bytes]]:
    return [(b"authorization", b"Bearer " + (token.encode() if isinstance(token, str) else token))]


async def code(authenticator: Authenticator, token: str | bytes) -> str:
    """The reason of the refusal, which is of the kind that is answered by 401."""
    with pytest.raises(Unauthenticated) as refused:
        await authenticator.admit("203.0.113.9", bearing(token), READER)
    return refused.value.reason


@pytest.mark.parametrize("bend", TABLE.values(), ids=TABLE.keys())
async def test_a_bent_token_is_turned_away(authenticator: Authenticator, auth: Auth, bend: Bend) -> None:
    token = bend(auth)

    first = await code(authenticator, token)

    assert first in (REFUSED, UNKNOWN, MALFORMED)
    assert await code(authenticator, token) == first  # and no less the second time


@pytest.mark.parametrize("exp", [0, -1, -(10**12), NOW - 1], ids=["1970", "before", "long before", "just now"])
async def test_a_time_that_is_over_is_called_so(authenticator: Authenticator, auth: Auth, exp: int) -> None:
    assert await code(authenticator, auth.token(exp=exp)) == EXPIRED


async def test_the_good_token_that_all_these_were_bent_from_is_let_in(authenticator: Authenticator, auth: Auth) -> None:
    for token in (auth.token(), auth.signed(good_header(), json.dumps(payload()))):
        assert (await authenticator.admit("203.0.113.9", bearing(token), READER)).identity.user_id == 7
