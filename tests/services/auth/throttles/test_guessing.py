"""Guessing passwords: attackers wait, and their victim does not."""

import asyncio
from collections import Counter

import pytest
from orrery.auth.accounts.v1 import events_pb2 as events

from libs.errors import Exhausted
from services.auth.throttles.limits import LIMITS, Scope
from tests.services.auth.house import PASSWORD, CountingHasher, House, Visitor, name
from tests.services.auth.recovery.desk import forget, mailed, reset
from tests.services.auth.throttles.attempts import (
    ATTACKER,
    WRONG,
    address,
    guess,
    hammer,
    is_about,
    wait_on,
    wait_over,
)


@pytest.fixture(autouse=True)
async def fresh(auth: House) -> None:
    """Without failures of other tests."""
    await auth.sql("DELETE FROM sign_in_throttle")


async def test_the_victim_signs_in_from_its_place_while_an_attacker_hammers(auth: House) -> None:
    victim = await auth.register()

    for round_ in range(5):
        met = await hammer(auth, victim.user.username, 12)
        assert round_ == 0 or met["TOO_MANY_ATTEMPTS"]
        assert await auth.login(username=victim.user.username)


async def test_many_addresses_at_one_account_are_slowed_together(auth: House) -> None:
    victim = await auth.register()

    met = Counter([await guess(auth, victim.user.username, Visitor(address(number))) for number in range(200)])

    assert is_about(met, Scope.ACCOUNT)
    assert met.total() == 200
    assert await auth.login(username=victim.user.username)


async def test_guesses_at_once_are_counted_exactly_and_the_rest_cost_no_hash(
    auth: House, hasher: CountingHasher
) -> None:
    victim, before = await auth.register(), hasher.verified

    met = Counter(await asyncio.gather(*(guess(auth, victim.user.username) for _ in range(60))))

    assert is_about(met, Scope.PLACE)
    assert hasher.verified - before == met["INVALID_CREDENTIALS"]


async def test_guesses_at_once_from_everywhere_are_counted_exactly(auth: House) -> None:
    victim = await auth.register()
    visitors = [Visitor(address(number)) for number in range(100)]

    met = Counter(await asyncio.gather(*(guess(auth, victim.user.username, one) for one in visitors)))

    assert is_about(met, Scope.ACCOUNT)


async def test_waits_double_and_end(auth: House) -> None:
    victim = await auth.register()
    await hammer(auth, victim.user.username, LIMITS[Scope.PLACE].free - 1)
    waits = []
    for _ in range(6):
        await wait_over(auth)
        assert await guess(auth, victim.user.username) == "INVALID_CREDENTIALS"
        waits += await auth.sql("SELECT open_at - last_at AS wait FROM sign_in_throttle WHERE place LIKE 'p %'")

    assert [round(row.wait.total_seconds()) for row in waits] == [1, 2, 4, 8, 16, 32]


async def told_to_wait(house: House, username: str) -> int:
    with pytest.raises(Exhausted) as refused:
        await house.login(ATTACKER, WRONG, username=username)
    return int(refused.value.details["retry_after_seconds"])


async def test_a_wait_has_an_upper_end(auth: House) -> None:
    victim = await auth.register()
    await guess(auth, victim.user.username)
    await auth.sql("UPDATE sign_in_throttle SET failures = 2000000000")

    await guess(auth, victim.user.username)

    assert await told_to_wait(auth, victim.user.username) == LIMITS[Scope.ACCOUNT].slowest_seconds


async def test_while_one_waits_attempts_do_not_make_it_longer(auth: House) -> None:
    victim = await auth.register()
    await hammer(auth, victim.user.username, LIMITS[Scope.PLACE].free)
    await wait_on(auth)
    before = await auth.sql("SELECT * FROM sign_in_throttle ORDER BY subject, place")
    met = await hammer(auth, victim.user.username, 30)

    assert met == {"TOO_MANY_ATTEMPTS": 30}
    assert await auth.sql("SELECT * FROM sign_in_throttle ORDER BY subject, place") == before


async def test_the_right_password_waits_too_and_then_clears_the_place(auth: House) -> None:
    victim = await auth.register()
    await hammer(auth, victim.user.username, LIMITS[Scope.PLACE].free)
    await wait_on(auth)

    assert await guess(auth, victim.user.username, password=PASSWORD) == "TOO_MANY_ATTEMPTS"
    await wait_over(auth)
    assert await guess(auth, victim.user.username, password=PASSWORD) == ""
    assert (await hammer(auth, victim.user.username, 5))["TOO_MANY_ATTEMPTS"] == 0


async def test_a_day_without_attempts_is_forgotten(auth: House) -> None:
    victim = await auth.register()
    await hammer(auth, victim.user.username, LIMITS[Scope.PLACE].free)
    await auth.sql("UPDATE sign_in_throttle SET last_at = now() - interval '25 hours', open_at = now()")

    assert (await hammer(auth, victim.user.username, 5))["TOO_MANY_ATTEMPTS"] == 0


async def test_a_name_that_nobody_has_is_throttled_alike(auth: House, hasher: CountingHasher) -> None:
    victim, nobody = await auth.register(), name()
    before = hasher.verified
    known = Counter(await asyncio.gather(*(guess(auth, victim.user.username) for _ in range(15))))
    after_known = hasher.verified
    unknown = Counter(await asyncio.gather(*(guess(auth, nobody) for _ in range(30))))

    assert is_about(known, Scope.PLACE)
    assert is_about(unknown, Scope.PLACE)
    assert after_known - before == known["INVALID_CREDENTIALS"]
    assert hasher.verified - after_known == unknown["INVALID_CREDENTIALS"]


async def test_a_name_is_one_however_it_is_written(auth: House) -> None:
    unknown = name()
    spelled = (unknown, unknown.upper(), unknown.title())
    met = Counter([await guess(auth, one) for _ in range(10) for one in spelled])

    assert is_about(met, Scope.PLACE)


async def test_the_username_and_the_address_are_one_account(auth: House) -> None:
    victim = await auth.register()

    met = Counter([await guess(auth, one) for _ in range(15) for one in (victim.user.username, victim.user.email)])

    assert is_about(met, Scope.PLACE)


async def test_one_network_tries_not_everybodys_door(auth: House) -> None:
    met = Counter([await guess(auth, name()) for _ in range(100)])

    assert is_about(met, Scope.NETWORK)


async def test_neighbours_at_their_own_place_go_on_while_their_network_is_slowed(auth: House) -> None:
    neighbour = Visitor("203.0.113.7")
    made = await auth.register(visitor=neighbour)
    await hammer_everybody(auth)

    assert await auth.login(neighbour, username=made.user.username)


async def hammer_everybody(house: House) -> None:
    for _ in range(LIMITS[Scope.NETWORK].free + 5):
        await guess(house, name())


async def test_right_passwords_fill_no_networks_count(auth: House) -> None:
    people = [await auth.register() for _ in range(8)]
    for _ in range(10):
        for one in people:
            assert await guess(auth, one.user.username, password=PASSWORD) == ""


async def test_an_ipv6_attacker_with_a_whole_network_is_one_place(auth: House) -> None:
    victim = await auth.register()
    visitors = [Visitor(f"2001:db8:0:1::{number:x}") for number in range(1, 31)]

    met = Counter([await guess(auth, victim.user.username, one) for one in visitors])

    assert is_about(met, Scope.PLACE)


async def test_an_address_of_ipv4_in_ipv6_is_the_same_place(auth: House) -> None:
    made = await auth.register(visitor=Visitor("198.51.100.99"))
    await hammer(auth, made.user.username, LIMITS[Scope.ACCOUNT].free)

    assert await auth.login(Visitor("::ffff:198.51.100.99"), username=made.user.username)


async def test_a_reset_by_mail_lets_the_owner_in_from_a_new_place_at_once(auth: House) -> None:
    victim, hotel = await auth.register(), Visitor("192.0.2.200")
    for number in range(30):
        await guess(auth, victim.user.username, Visitor(address(number)))
    await wait_on(auth)
    assert await guess(auth, victim.user.username, hotel, PASSWORD) == "TOO_MANY_ATTEMPTS"

    await forget(auth, victim.user.email)
    await reset(auth, await mailed(auth, victim.user.email, "reset_password"), visitor=hotel)
    for number in range(30, 60):
        await guess(auth, victim.user.username, Visitor(address(number)))

    assert await auth.login(hotel, "Another-horse8", username=victim.user.username)


async def test_a_wait_is_told_to_the_fleet(auth: House) -> None:
    victim = await auth.register()

    await hammer(auth, victim.user.username, 30)

    told = (await auth.events(victim.user.user_id, events.SignInThrottled))[0]
    assert (told.scope, told.failures, told.wait_seconds) == ("place", LIMITS[Scope.PLACE].free, 1)


async def test_names_that_people_typed_are_not_kept(auth: House) -> None:
    await guess(auth, "Hunter2_my_password")

    rows = await auth.sql("SELECT subject::text || place AS kept FROM sign_in_throttle")

    assert rows
    assert not any("unter2" in row.kept for row in rows)


async def test_a_known_place_has_its_end_too(auth: House) -> None:
    victim = await auth.register()
    here = Visitor()

    met = await hammer(auth, victim.user.username, 40, here)

    assert is_about(met, Scope.KNOWN)


async def test_right_and_wrong_at_once_never_wait_for_each_other_for_ever(auth: House) -> None:
    """Locks taken in two orders end in a deadlock, which PostgreSQL breaks by refusing somebody."""
    people = [await auth.register() for _ in range(4)]
    visitors = [Visitor(address(number % 3), "Tests") for number in range(24)]

    met = await asyncio.gather(
        *(
            guess(auth, people[number % 4].user.username, visitor, PASSWORD if number % 2 else WRONG)
            for number, visitor in enumerate(visitors * 3)
        )
    )

    assert set(met) <= {"", "INVALID_CREDENTIALS", "TOO_MANY_ATTEMPTS", "TOO_MANY_PASSWORDS"}
    assert "" in met
