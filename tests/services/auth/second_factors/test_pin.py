"""SecondFactorsService: PINs."""

import asyncio

import pytest
from orrery.auth.second_factors.v1 import events_pb2 as events
from orrery.auth.v1 import second_factors_pb2 as pb

from libs.errors import Conflict, Exhausted, Invalid
from libs.settings import DatabaseSettings
from tests.services.auth.house import PASSWORD, CountingHasher, House, open_house
from tests.services.auth.second_factors.people import Person, Ticking, looked_at, person

PIN, OTHER = "271828", "314159"


@pytest.fixture
async def ada(auth: House, clock: Ticking) -> Person:
    made = await person(auth, clock)
    await made.set_pin(PIN)
    return made


async def test_a_pin_is_stored_as_argon2id_alone(ada: Person) -> None:
    row = await ada.row("user_pin")

    assert row.pin_hash.startswith("$argon2id$")
    assert (row.is_enabled, row.attempt_count, row.locked_until) == (True, 0, None)
    assert (await ada.state()).has_pin
    assert await ada.told(events.PinSet) == [events.PinSet(user_id=ada.user_id, proof="none")]


async def test_a_right_pin_is_right_and_a_wrong_one_is_answered(ada: Person) -> None:
    assert await ada.verify(PIN) == pb.PinVerdict(success=True)

    assert await ada.verify(OTHER) == pb.PinVerdict(
        success=False, detail="The PIN is wrong.", reason="PIN_INVALID", attempts_left=4
    )
    assert len(await ada.told(events.PinVerified)) == 1
    assert [(one.purpose, one.reason) for one in await ada.told(events.PinRefused)] == [("verify", "wrong")]


async def test_five_wrong_pins_lock_fifteen_minutes_and_each_lock_is_twice_as_long(ada: Person) -> None:
    waits = []
    for _ in range(3):
        assert [(await ada.verify(OTHER)).attempts_left for _ in range(5)] == [4, 3, 2, 1, 0]
        with pytest.raises(Exhausted) as locked:
            await ada.verify(PIN)
        waits.append(int(locked.value.details["retry_after_seconds"]))
        await ada.unlock("user_pin")

    assert locked.value.reason == "PIN_LOCKED"
    assert [round(wait / 60) for wait in waits] == [15, 30, 60]
    assert [one.locked_seconds for one in await ada.told(events.PinRefused)][4] == 900
    assert (await ada.told(events.PinRefused))[-1].reason == "locked"
    assert (await ada.verify(PIN)).success


async def test_no_lock_is_longer_than_a_day(ada: Person) -> None:
    await ada.auth.sql("UPDATE user_pin SET attempt_count = 9999 WHERE user_id = :id", id=ada.user_id)
    await ada.verify(OTHER)

    with pytest.raises(Exhausted) as locked:
        await ada.verify(PIN)

    assert 86_390 <= int(locked.value.details["retry_after_seconds"]) <= 86_400


async def test_of_fifty_guesses_at_once_five_are_looked_at(ada: Person, hasher: CountingHasher) -> None:
    before = hasher.verified

    answers = await asyncio.gather(*(ada.verify(f"{number:06}") for number in range(50)), return_exceptions=True)

    assert 1 <= looked_at(answers) <= 5
    assert "PIN_LOCKED" in {getattr(one, "reason", "") for one in answers}
    assert hasher.verified == before + 5


async def test_a_right_pin_forgets_the_wrong_ones(ada: Person) -> None:
    for _ in range(3):
        for _ in range(4):
            assert not (await ada.verify(OTHER)).success
        assert (await ada.verify(PIN)).success

    assert (await ada.row("user_pin")).attempt_count == 0


async def test_a_lock_is_one_persons(ada: Person, auth: House, clock: Ticking) -> None:
    eve = await person(auth, clock)
    await eve.set_pin(OTHER)
    for _ in range(5):
        await eve.verify(PIN)

    assert (await ada.verify(PIN)).success


async def test_there_must_be_a_pin_to_verify(auth: House, clock: Ticking) -> None:
    with pytest.raises(Conflict) as refused:
        await (await person(auth, clock)).verify(PIN)

    assert refused.value.reason == "PIN_MISSING"


async def test_another_pin_needs_proof(ada: Person) -> None:
    with pytest.raises(Invalid) as refused:
        await ada.set_pin(OTHER)

    assert refused.value.reason == "PROOF_MISSING"
    assert (await ada.verify(PIN)).success


@pytest.mark.parametrize("proof", ["pin", "totp", "backup_code", "password"])
async def test_each_proof_sets_another_pin(ada: Person, proof: str) -> None:
    codes = await ada.enable()
    proofs = {
        "pin": {"current_pin": PIN},
        "totp": {"otp_code": ada.code()},
        "backup_code": {"backup_code": codes[0]},
        "password": {"password": PASSWORD},
    }

    assert await ada.set_pin(OTHER, **proofs[proof])

    assert (await ada.verify(OTHER)).success
    assert (await ada.told(events.PinSet))[-1].proof == proof


@pytest.mark.parametrize(
    ("proof", "reason"),
    [
        ({"current_pin": OTHER}, "PIN_INVALID"),
        ({"password": "not this one"}, "PASSWORD_WRONG"),
        ({"otp_code": "000000"}, "OTP_INVALID"),
        ({"backup_code": "k3vq-7xm2-aewh-c5tp"}, "OTP_INVALID"),
    ],
)
async def test_a_wrong_proof_changes_nothing(ada: Person, proof: dict[str, str], reason: str) -> None:
    await ada.enable()

    with pytest.raises(Invalid) as refused:
        await ada.set_pin(OTHER, **proof)

    assert refused.value.reason == reason
    assert (await ada.verify(PIN)).success


async def test_a_stolen_session_guesses_neither_pin_nor_password_by_setting_one(ada: Person) -> None:
    guesses = [{"current_pin": f"{number:04}"} for number in range(25)]
    guesses += [{"password": f"guess {number}"} for number in range(25)]

    answers = await asyncio.gather(*(ada.set_pin(OTHER, **one) for one in guesses), return_exceptions=True)

    assert 1 <= looked_at(answers) <= 5
    assert (await ada.row("user_pin")).attempt_count == 5
    with pytest.raises(Exhausted):
        await ada.set_pin(OTHER, password=PASSWORD)


async def test_a_locked_pin_is_replaced_by_a_code(ada: Person) -> None:
    await ada.enable()
    for _ in range(5):
        await ada.verify(OTHER)

    await ada.set_pin(OTHER, otp_code=ada.code())

    assert (await ada.verify(OTHER)).success


async def test_of_many_first_pins_at_once_one_is_set(auth: House, clock: Ticking) -> None:
    eve = await person(auth, clock)

    answers = await asyncio.gather(*(eve.set_pin(f"{number:04}") for number in range(8)), return_exceptions=True)

    refused = [one for one in answers if isinstance(one, BaseException)]
    assert answers.count(True) == 1
    assert {getattr(one, "reason", "") for one in refused} <= {"PIN_CHANGED", "PROOF_MISSING"}


@pytest.mark.parametrize(
    "pin",
    ["", "123", "1" * 13, "12 34", "abcd", "-123", "\u0661\u0662\u0663\u0664", "\uff11" * 6, "1" * 65_536, "1234\n"],
)
async def test_a_pin_is_4_to_12_ascii_digits(ada: Person, hasher: CountingHasher, pin: str) -> None:
    before = hasher.verified, hasher.hashed

    for attempt in (ada.verify(pin), ada.set_pin(pin, current_pin=PIN), ada.set_pin(OTHER, current_pin=pin)):
        with pytest.raises(Invalid) as refused:
            await attempt
        assert {one.code for one in refused.value.violations} == {"invalid_format"}

    assert (hasher.verified, hasher.hashed) == before
    assert (await ada.row("user_pin")).attempt_count == 0


async def test_frequent_pins_are_refused_where_the_setting_says_so(
    settings: DatabaseSettings, clock: Ticking, tmp_path_factory: pytest.TempPathFactory
) -> None:
    async with open_house(settings, tmp_path_factory.mktemp("strict"), clock=clock, refuse_frequent=True) as strict:
        eve = await person(strict, clock)

        for pin in ("0000", "1234", "4321", "7890", "1212", "123456", "1990", "2580", "2468"):
            with pytest.raises(Invalid) as refused:
                await eve.set_pin(pin)
            assert [one.code for one in refused.value.violations] == ["frequent"]

        assert await eve.set_pin("271828")


async def test_a_full_pool_uses_no_try_up(
    settings: DatabaseSettings, clock: Ticking, tmp_path_factory: pytest.TempPathFactory
) -> None:
    slow, folder = CountingHasher(time_cost=200), tmp_path_factory.mktemp("full")
    async with open_house(settings, folder, hasher=slow, workers=1, queue_per_worker=0, clock=clock) as full:
        eve = await person(full, clock)
        await eve.set_pin(PIN)

        answers = await asyncio.gather(*(eve.verify(PIN) for _ in range(10)), return_exceptions=True)

        reasons = {one.reason for one in answers if isinstance(one, Exhausted)}
        assert "TOO_MANY_PASSWORDS" in reasons
        assert (await eve.row("user_pin")).attempt_count == 0


async def test_no_pin_is_told(ada: Person) -> None:
    await ada.verify(OTHER)
    await ada.verify(PIN)

    rows = await ada.auth.sql("SELECT payload FROM outbox WHERE key = :key", key=str(ada.user_id))
    told = b"".join(bytes(row.payload) for row in rows)
    assert PIN.encode() not in told
    assert OTHER.encode() not in told
