"""KeysService.ListKeys."""

import asyncio

import psycopg
import pytest
from cryptography.hazmat.primitives.serialization import load_der_private_key

from services.auth.keys.material import opened
from tests.services.auth.house import House
from tools.stack import parts


async def test_the_keys_are_public_rsa_keys_of_2048_bits(auth: House) -> None:
    (key,) = (await auth.keys()).keys

    assert (key.kty, key.use, key.alg, key.e) == ("RSA", "sig", "RS256", "AQAB")
    assert len(key.n) == 342  # 256 bytes in base64url
    assert len(key.kid) == 43


async def test_the_private_half_is_not_readable_in_the_table(auth: House) -> None:
    (key,) = (await auth.keys()).keys

    rows = await auth.sql("SELECT * FROM signing_key")

    sealed = bytes(rows[0].private_key)
    assert rows[0].kid == key.kid
    assert set(rows[0].public_jwk) == {"kty", "use", "alg", "kid", "n", "e"}
    with pytest.raises(ValueError, match="deserialize"):
        load_der_private_key(sealed, password=None)
    assert opened(sealed, key.kid, auth.sealer).key_size == 2048


async def test_asking_for_the_keys_costs_no_read(auth: House, postgres: parts.Postgres) -> None:
    query = "SELECT sum(calls) FROM pg_stat_statements WHERE query LIKE '%FROM signing_key%'"
    with psycopg.connect(postgres.dsn(), autocommit=True) as server:
        before = server.execute(query).fetchone()

        answers = await asyncio.gather(*(auth.keys() for _ in range(5)))

        assert server.execute(query).fetchone() == before
    assert all(answer.keys[0].n for answer in answers)
