"""The bounded pool that hashes passwords."""

import asyncio
import threading
from collections.abc import AsyncIterator, Iterator

import pytest
from argon2 import extract_parameters
from argon2.low_level import Type

from libs.errors import Exhausted, Unauthenticated
from libs.settings import DatabaseSettings
from services.auth.accounts.passwords import ARGON2ID, Passwords
from tests.services.auth.house import PASSWORD, CountingHasher, House, Visitor, name, open_house


class Gate(CountingHasher):
    """Hashes once it is opened."""

    def __init__(self) -> None:
        super().__init__()
        self.opened = threading.Event()
        self.opened.set()

    def verify(self, hash: str, password: bytes) -> bool:  # noqa: A002  # argon2's own name
        self.opened.wait(60)
        return super().verify(hash, password)


@pytest.fixture(scope="module")
def gate() -> Iterator[Gate]:
    made = Gate()
    yield made
    made.opened.set()


@pytest.fixture(scope="module")
async def narrow(
    settings: DatabaseSettings, gate: Gate, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[House]:
    """Auth with one hash at a time and three that wait."""
    folder = tmp_path_factory.mktemp("narrow")
    async with open_house(settings, folder, hasher=gate, workers=1, queue_per_worker=3) as house:
        yield house


def from_everywhere(count: int) -> list[Visitor]:
    """As many networks."""
    return [Visitor(f"10.{number}.0.1") for number in range(count)]


def test_the_parameters_are_argon2id_with_46_mib() -> None:
    parameters = extract_parameters(ARGON2ID.hash("x"))

    assert (parameters.type, parameters.memory_cost) == (Type.ID, 46 * 1024)
    assert (parameters.time_cost, parameters.parallelism) == (1, 1)


async def test_a_flood_of_sign_ins_is_refused_beyond_the_queue_and_others_go_on(narrow: House, gate: Gate) -> None:
    made = await narrow.register()
    gate.opened.clear()
    flood = [asyncio.create_task(narrow.login(visitor, username=name())) for visitor in from_everywhere(40)]
    refused, _ = await asyncio.wait(flood, return_when=asyncio.FIRST_COMPLETED)
    while len(refused) < 36:
        refused, _ = await asyncio.wait(flood, timeout=0.05)

    read = await narrow.me(made.token)  # while every worker is busy
    renewed = await narrow.refresh(made.refresh_token)
    gate.opened.set()
    answers = await asyncio.gather(*flood, return_exceptions=True)

    assert (read.user_id, bool(renewed.token)) == (made.user.user_id, True)
    assert sum(isinstance(answer, Unauthenticated) for answer in answers) == 4
    turned_away = [answer for answer in answers if isinstance(answer, Exhausted)]
    assert len(turned_away) == 36
    assert {one.reason for one in turned_away} == {"TOO_MANY_PASSWORDS"}
    assert {one.details["retry_after_seconds"] for one in turned_away} == {"2"}
    assert await narrow.login(username=made.user.username)


async def test_a_flood_from_one_network_leaves_places_for_others(narrow: House, gate: Gate) -> None:
    made = await narrow.register()
    gate.opened.clear()
    near = [Visitor(f"192.0.2.{number}") for number in range(1, 21)]
    flood = [asyncio.create_task(narrow.login(visitor, username=name())) for visitor in near]
    refused, _ = await asyncio.wait(flood, return_when=asyncio.FIRST_COMPLETED)
    while len(refused) < 18:
        refused, _ = await asyncio.wait(flood, timeout=0.05)

    others = asyncio.create_task(narrow.login(username=made.user.username))
    gate.opened.set()
    await asyncio.wait(flood)

    assert (await others).token
    assert sum(isinstance(one.exception(), Unauthenticated) for one in flood) == 2


async def test_places_of_a_network_are_free_again(narrow: House) -> None:
    with Passwords(CountingHasher(), workers=1, queue_per_worker=1) as passwords:
        for _ in range(5):
            assert await passwords.verify(PASSWORD, await passwords.hash(PASSWORD, "here"), "here")


async def test_a_caller_that_went_away_gives_its_place_back(gate: Gate) -> None:
    with Passwords(gate, workers=1, queue_per_worker=1) as passwords:
        stored = await passwords.hash(PASSWORD)
        gate.opened.clear()
        callers = [asyncio.create_task(passwords.verify(PASSWORD, stored)) for _ in range(2)]
        await asyncio.sleep(0)
        with pytest.raises(Exhausted):
            await passwords.verify(PASSWORD, stored)

        for caller in callers:
            caller.cancel()
        await asyncio.wait(callers)
        gate.opened.set()

        async with asyncio.timeout(60):
            while True:
                try:
                    assert await passwords.verify(PASSWORD, stored)
                    break
                except Exhausted:
                    await asyncio.sleep(0.01)


async def test_nobodys_password_is_never_right() -> None:
    with Passwords(CountingHasher()) as passwords:
        assert not await passwords.verify("", None)
        assert not await passwords.verify(PASSWORD, None)


async def test_an_account_without_a_password_is_no_faster_than_another() -> None:
    hasher = CountingHasher()
    with Passwords(hasher) as passwords:
        assert not await passwords.verify(PASSWORD, "!")

    assert hasher.verified == 2  # the first one finds no hash to work on
