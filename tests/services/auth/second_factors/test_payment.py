"""SecondFactorsService.AuthorisePayment."""

import asyncio
from typing import Any

import pytest
from orrery.auth.second_factors.v1 import events_pb2 as events
from orrery.auth.v1 import second_factors_pb2 as pb

from libs.errors import Conflict, Exhausted, Invalid, Unauthenticated
from tests.services.auth.house import House
from tests.services.auth.second_factors.people import Person, Ticking, looked_at, person

PIN, OTHER = "271828", "314159"
REPEATED = pb.PaymentVerdict(
    success=False,
    detail="This payment is authorised already; each one is authorised once.",
    reason="PAYMENT_AUTHORISED_BEFORE",
)


@pytest.fixture
async def ada(auth: House, clock: Ticking) -> Person:
    made = await person(auth, clock)
    await made.set_pin(PIN)
    await made.enable()
    return made


async def log(who: Person) -> list[Any]:
    return await who.auth.sql("SELECT * FROM payment_auth_log WHERE user_id = :id ORDER BY log_id", id=who.user_id)


async def test_a_pin_authorises_a_payment_with_its_terms(ada: Person) -> None:
    assert await ada.pay("order-1", "pin", PIN, amount=1980.5, payee="本屋") == pb.PaymentVerdict(success=True)

    (row,) = await log(ada)
    assert (row.payment_id, row.auth_method, row.status) == ("order-1", "pin", "granted")
    assert {**row.metadata, "request_id": ""} == {
        "amount": 1980.5,
        "payee": "本屋",
        "address": "2001:db8::5",
        "request_id": "",
    }
    assert await ada.told(events.PaymentAuthorised) == [
        events.PaymentAuthorised(
            log_id=row.log_id, user_id=ada.user_id, payment_id="order-1", method="pin", amount=1980.5, payee="本屋"
        )
    ]


async def test_a_code_or_a_backup_code_authorises_a_payment(ada: Person) -> None:
    assert (await ada.pay("order-1", "2fa", ada.code())).success
    assert (await ada.pay("order-2", "2fa", ada.backup_codes[0])).success

    assert [row.status for row in await log(ada)] == ["granted", "granted"]
    assert (await ada.state()).backup_codes_left == 9


@pytest.mark.parametrize("method", ["pin", "2fa"])
async def test_a_payment_is_authorised_once_whatever_the_terms(ada: Person, method: str) -> None:
    code = PIN if method == "pin" else ada.code()
    assert (await ada.pay("order-1", method, code, amount=5)).success

    assert await ada.pay("order-1", method, code, amount=5) == REPEATED
    assert await ada.pay("order-1", "pin", PIN, amount=5_000) == REPEATED

    assert [(row.status, row.metadata.get("reason")) for row in await log(ada)] == [
        ("granted", None),
        ("refused", "authorised_before"),
        ("refused", "authorised_before"),
    ]


async def test_a_code_authorises_one_payment(ada: Person) -> None:
    code = ada.code()
    assert (await ada.pay("order-1", "2fa", code)).success

    again = await ada.pay("order-2", "2fa", code)

    assert (again.success, again.reason) == (False, "OTP_INVALID")
    assert [(row.status, row.metadata.get("reason")) for row in await log(ada)] == [
        ("granted", None),
        ("refused", "used"),
    ]


async def test_a_repeated_payment_uses_no_backup_code_up(ada: Person) -> None:
    await ada.pay("order-1", "pin", PIN)

    assert await ada.pay("order-1", "2fa", ada.backup_codes[0]) == REPEATED

    assert (await ada.state()).backup_codes_left == 10


@pytest.mark.parametrize("method", ["pin", "2fa"])
async def test_of_many_at_once_one_is_granted_and_all_are_logged(ada: Person, method: str) -> None:
    codes = [PIN] * 4 if method == "pin" else [*ada.backup_codes[:4]]

    answers = await asyncio.gather(*(ada.pay("order-1", method, code) for code in codes))

    assert sum(one.success for one in answers) == 1
    assert {one.reason for one in answers if not one.success} == {"PAYMENT_AUTHORISED_BEFORE"}
    assert sorted(row.status for row in await log(ada)) == ["granted", "refused", "refused", "refused"]
    assert len(await ada.told(events.PaymentAuthorised)) == 1


async def test_another_person_may_have_the_same_payment_id(ada: Person, auth: House, clock: Ticking) -> None:
    eve = await person(auth, clock)
    await eve.set_pin(OTHER)
    await ada.pay("order-1", "pin", PIN)

    assert not (await eve.pay("order-1", "pin", PIN)).success
    assert (await eve.pay("order-1", "pin", OTHER)).success


async def test_a_wrong_answer_is_answered_logged_and_told(ada: Person) -> None:
    by_pin = await ada.pay("order-1", "pin", OTHER, amount=10)
    by_code = await ada.pay("order-1", "2fa", ada.wrong())
    by_backup = await ada.pay("order-1", "2fa", "k3vq-7xm2-aewh-c5tp")

    assert (by_pin.success, by_pin.reason, by_pin.attempts_left) == (False, "PIN_INVALID", 4)
    assert (by_code.success, by_code.reason, by_code.attempts_left) == (False, "OTP_INVALID", 4)
    assert (by_backup.success, by_backup.reason) == (False, "OTP_INVALID")
    assert [(row.auth_method, row.status, row.metadata["reason"]) for row in await log(ada)] == [
        ("pin", "refused", "wrong"),
        ("2fa", "refused", "wrong"),
        ("2fa", "refused", "wrong"),
    ]
    told = await ada.told(events.PaymentRefused)
    assert [(one.method, one.reason) for one in told] == [("pin", "wrong"), ("2fa", "wrong"), ("2fa", "wrong")]
    assert (told[0].amount, told[1].HasField("amount")) == (10, False)
    assert (await ada.pay("order-1", "pin", PIN)).success


async def test_a_code_of_the_other_method_is_wrong(ada: Person) -> None:
    assert not (await ada.pay("order-1", "pin", ada.backup_codes[0])).success
    assert not (await ada.pay("order-1", "2fa", "2718")).success

    assert (await ada.row("user_pin")).attempt_count == 1
    assert (await ada.row("user_2fa")).failed_count == 1


@pytest.mark.parametrize(("method", "reason"), [("pin", "PIN_LOCKED"), ("2fa", "OTP_LOCKED")])
async def test_guessing_locks_and_the_locked_attempt_is_logged(ada: Person, method: str, reason: str) -> None:
    codes = ["111111"] * 5 if method == "pin" else [ada.wrong(nth) for nth in range(5)]
    for code in codes:
        await ada.pay("order-1", method, code)

    with pytest.raises(Exhausted) as locked:
        await ada.pay("order-1", method, PIN if method == "pin" else ada.code())

    assert locked.value.reason == reason
    assert (await log(ada))[-1].metadata["reason"] == "locked"
    assert (await ada.told(events.PaymentRefused))[-1].reason == "locked"


async def test_wrong_pins_count_together_wherever_they_are_sent(ada: Person) -> None:
    attempts = [ada.pay(f"order-{number}", "pin", f"{number:06}") for number in range(25)]
    attempts += [ada.verify(f"{number:06}") for number in range(25)]  # type: ignore[misc]  # both answer a verdict

    answers = await asyncio.gather(*attempts, return_exceptions=True)

    assert 1 <= looked_at(answers) <= 5
    assert not [one for one in answers if getattr(one, "success", False)]
    assert (await ada.row("user_pin")).attempt_count == 5


@pytest.mark.parametrize(("method", "reason"), [("pin", "PIN_MISSING"), ("2fa", "SECOND_FACTOR_MISSING")])
async def test_what_is_not_set_up_authorises_nothing_and_is_logged(
    auth: House, clock: Ticking, method: str, reason: str
) -> None:
    eve = await person(auth, clock)

    with pytest.raises(Conflict) as refused:
        await eve.pay("order-1", method, "123456")

    assert refused.value.reason == reason
    assert [(row.status, row.metadata["reason"]) for row in await log(eve)] == [("refused", "not_set_up")]


async def test_a_suspended_account_authorises_nothing(ada: Person) -> None:
    await ada.auth.sql("UPDATE user_account SET is_active = false WHERE user_id = :id", id=ada.user_id)

    with pytest.raises(Unauthenticated):
        await ada.pay("order-1", "pin", PIN)


@pytest.mark.parametrize(
    ("field", "wrong"),
    [
        ("payment_id", {"payment_id": ""}),
        ("payment_id", {"payment_id": "a b"}),
        ("payment_id", {"payment_id": "é"}),
        ("payment_id", {"payment_id": "a" * 101}),
        ("method", {"method": "sms"}),
        ("code", {"code": ""}),
        ("code", {"code": "\uff11" * 6}),
        ("code", {"code": "1" * 65_536}),
        ("amount", {"amount": float("nan")}),
        ("amount", {"amount": -1.0}),
        ("amount", {"amount": float("inf")}),
        ("payee", {"payee": "a" * 201}),
        ("payee", {"payee": "evil\u202emoc"}),
    ],
)
async def test_what_breaks_a_rule_is_no_attempt(ada: Person, field: str, wrong: dict[str, Any]) -> None:
    asked = {"payment_id": "order-1", "method": "pin", "code": PIN, **wrong}

    with pytest.raises(Invalid) as refused:
        await ada.pay(asked.pop("payment_id"), asked.pop("method"), asked.pop("code"), **asked)

    assert [one.field.lower() for one in refused.value.violations] == [field.replace("_", "")]
    assert await log(ada) == []
    assert (await ada.row("user_pin")).attempt_count == 0


async def test_people_see_their_own_log_alone(ada: Person, auth: House, clock: Ticking) -> None:
    eve = await person(auth, clock)
    await eve.set_pin(OTHER)
    await eve.pay("order-1", "pin", OTHER)

    assert await log(ada) == []
