"""A bearer that a trusted issuer made."""

import asyncio
import time
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from gateway.identity import Issuers
from libs.rpc import Client, Passage, Signer
from libs.settings import TlsSettings
from tests.gateway.sso.conftest import World
from tests.services.auth.house import House
from tests.services.auth.sso.journey import person


class Counted:
    """Counts the calls that go to auth."""

    def __init__(self, issuers: Issuers) -> None:
        self.count, self._call = 0, issuers._identify

    async def __call__(self, request: Any, passage: Passage) -> Any:
        self.count += 1
        return await self._call(request, passage)


@pytest.fixture
def asked(sso: World) -> Iterator[Counted]:
    counted = Counted(sso.issuers)
    kept, sso.issuers._identify = sso.issuers._identify, counted
    yield counted
    sso.issuers._identify = kept


async def me(sso: World, token: str, path: str = "/api/v1/auth/me") -> httpx.Response:
    return await sso.http.get(path, headers={"authorization": f"Bearer {token}"})


async def test_a_trusted_issuers_bearer_is_accepted_and_asked_about_once(sso: World, asked: Counted) -> None:
    who = person(groups=["/admins"])
    token = sso.issuer.access_token(**who)

    answers = [await me(sso, token) for _ in range(5)]

    assert [one.status_code for one in answers] == [200] * 5
    assert (answers[0].json()["username"], answers[0].json()["role"]) == (who["preferred_username"], "ADMIN")
    assert asked.count == 1


async def test_no_bearer_of_an_issuer_manages_credentials(sso: World) -> None:
    token = sso.issuer.access_token(**person())

    refused = await me(sso, token, "/api/auth/webauthn/credentials")

    assert (refused.status_code, refused.json()["error"]["code"]) == (403, "FORBIDDEN")


async def test_a_bearer_of_an_unknown_issuer_is_refused_without_a_call(sso: World, asked: Counted) -> None:
    for changed in ({"iss": "https://evil.example"}, {"iss": None}, {"iss": sso.issuer.url + "/"}):
        refused = await me(sso, sso.issuer.access_token(**person(**changed)))
        assert refused.status_code == 401

    assert asked.count == 0


async def test_a_bad_bearer_costs_auth_one_call_for_a_while(sso: World, asked: Counted) -> None:
    token = sso.issuer.access_token(**person(aud="another"))

    answers = [await me(sso, token) for _ in range(5)]

    assert {one.status_code for one in answers} == {401}
    assert answers[0].headers["www-authenticate"] == 'Bearer error="invalid_token"'
    assert asked.count == 1


async def test_an_expired_bearer_is_said_to_be(sso: World) -> None:
    token = sso.issuer.access_token(**person(exp=int(time.time()) - 1))

    answer = await me(sso, token, "/api/auth/me")

    assert (answer.status_code, answer.json()["error"]["code"]) == (401, "TOKEN_EXPIRED")


async def test_what_is_known_of_a_bearer_ends_when_it_expires(sso: World, asked: Counted) -> None:
    token = sso.issuer.access_token(**person(exp=int(time.time()) + 2))
    assert (await me(sso, token)).status_code == 200

    await asyncio.sleep(2)

    assert (await me(sso, token)).status_code == 401


async def test_what_is_known_of_a_bearer_ends_at_once_when_its_account_does(sso: World, asked: Counted) -> None:
    who = person()
    token = sso.issuer.access_token(**who)
    found = (await me(sso, token)).json()
    await sso.house.sql("UPDATE user_account SET is_active = false WHERE id = :id", id=found["id"])
    assert (await me(sso, token)).status_code == 200  # nobody has told this gateway

    sso.revocations.ended.add(f"account:{found['id']}", int(time.time() * 1000))

    refused = await me(sso, token)
    assert (refused.status_code, refused.json()["error_code"]) == (403, "PERMISSION_DENIED")
    assert asked.count == 2


async def test_a_bearer_that_is_no_good_is_the_same_as_none_where_anybody_may_call(sso: World) -> None:
    token = sso.issuer.access_token(**person(aud="another"))

    assert (await me(sso, token, "/api/v1/auth/sso")).status_code == 200


async def test_the_list_stays_while_auth_is_away(sso: World, house_key: Signer) -> None:
    nowhere = Client("auth", "127.0.0.1:1", TlsSettings())
    away = Issuers(nowhere, house_key)
    away.trusted = sso.issuers.trusted

    assert not await away.refresh()
    assert away.trusted == {sso.issuer.url}
    await nowhere.close()


@pytest.fixture
def house_key(sso: World) -> Signer:
    house: House = sso.house
    return Signer(house.identity_key)


@pytest.mark.parametrize("token", ["a.b.c", "..", "e30.e30.e30", "e30.W10.x", "x" * 9000 + ".e30.x", "é.e30.é"])
async def test_what_is_no_token_is_refused_without_a_call(sso: World, asked: Counted, token: str) -> None:
    answer = await sso.http.get("/api/v1/auth/me", headers={b"authorization": b"Bearer " + token.encode()})

    assert answer.status_code == 401
    assert asked.count == 0
