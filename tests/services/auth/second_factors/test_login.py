"""Signing in with a second factor."""

import asyncio
from typing import Any

import pytest
from orrery.auth.second_factors.v1 import events_pb2 as events
from orrery.auth.sessions.v1.events_pb2 import LoginRefused, SessionStarted
from orrery.auth.v1.accounts_pb2 import SignedIn
from orrery.auth.v1.sessions_pb2 import LoginRequest, TokenPair

from libs.errors import Exhausted, Invalid, Refusal, Unauthenticated
from tests.services.auth.house import PASSWORD, CountingHasher, House, claims
from tests.services.auth.second_factors.people import Person, Ticking, looked_at, person

NO_CODE = "k3vq-7xm2-aewh-c5tp"


@pytest.fixture
async def ada(auth: House, clock: Ticking) -> Person:
    made = await person(auth, clock)
    await made.enable()
    return made


async def refused(ada: Person, **more: Any) -> Refusal:
    with pytest.raises((Unauthenticated, Exhausted)) as caught:
        await ada.auth.login(username=ada.username, **more)
    assert isinstance(caught.value, Refusal)
    return caught.value


async def amr(auth: House, token: str) -> list[str]:
    rows = await auth.sql("SELECT amr FROM session WHERE id = :id", id=claims(token)["sid"])
    return list(rows[0].amr)


async def test_a_right_password_asks_for_a_code(ada: Person) -> None:
    asked = await refused(ada)

    assert isinstance(asked, Unauthenticated)
    assert asked.reason == "OTP_REQUIRED"
    assert (await ada.told(LoginRefused))[-1].reason == "otp_required"


async def test_whoever_does_not_know_the_password_is_asked_for_no_code(ada: Person) -> None:
    guesses: list[dict[str, Any]] = [{}, {"otp_code": ada.code()}, {"backup_code": ada.backup_codes[0]}]
    for more in guesses:
        with pytest.raises(Unauthenticated) as wrong:
            await ada.auth.login(password="not this one", username=ada.username, **more)
        assert wrong.value.reason == "INVALID_CREDENTIALS"

    assert (await ada.state()).backup_codes_left == 10
    assert (await ada.auth.login(username=ada.username, otp_code=ada.code())).token


async def test_a_code_signs_in_and_the_session_knows_by_what(ada: Person) -> None:
    by_code = await ada.auth.login(username=ada.username, otp_code=ada.code())
    by_backup = await ada.auth.login(username=ada.username, backup_code=ada.backup_codes[0])
    plain = await ada.auth.register()

    assert await amr(ada.auth, by_code.token) == ["pwd", "otp", "mfa"]
    assert await amr(ada.auth, by_backup.token) == ["pwd", "mfa"]
    assert await amr(ada.auth, plain.token) == ["pwd"]
    assert [(one.purpose, one.kind, one.backup_codes_left) for one in await ada.told(events.SecondFactorAccepted)] == [
        ("login", "totp", 10),
        ("login", "backup_code", 9),
    ]


async def test_tokens_for_tenants_ask_too(ada: Person) -> None:
    request = LoginRequest(username=ada.username, password=PASSWORD)
    with pytest.raises(Unauthenticated) as asked:
        await ada.auth.call("CreateTokens", request, TokenPair)

    request.otp_code = ada.code()

    assert asked.value.reason == "OTP_REQUIRED"
    assert (await ada.auth.call("CreateTokens", request, TokenPair)).access_token


async def test_a_wrong_code_is_401_and_told_twice_over(ada: Person) -> None:
    for more in ({"otp_code": ada.wrong()}, {"backup_code": NO_CODE}):
        wrong = await refused(ada, **more)
        assert isinstance(wrong, Unauthenticated)
        assert wrong.reason == "OTP_INVALID"

    assert [one.reason for one in await ada.told(LoginRefused)] == ["otp_invalid", "otp_invalid"]
    assert [(one.purpose, one.kind, one.reason) for one in await ada.told(events.SecondFactorRefused)] == [
        ("login", "totp", "wrong"),
        ("login", "backup_code", "wrong"),
    ]


async def test_a_code_signs_in_once_however_many_send_it_at_once(ada: Person) -> None:
    before, code = len(await ada.told(SessionStarted)), ada.code()

    answers = await asyncio.gather(
        *(ada.auth.login(username=ada.username, otp_code=code) for _ in range(10)), return_exceptions=True
    )

    assert sum(not isinstance(one, BaseException) for one in answers) == 1
    assert {one.reason for one in answers if isinstance(one, Refusal)} <= {"OTP_INVALID", "OTP_LOCKED"}
    assert len(await ada.told(SessionStarted)) == before + 1


async def test_a_backup_code_signs_in_once_however_many_send_it_at_once(ada: Person) -> None:
    code = ada.backup_codes[4]

    answers = await asyncio.gather(
        *(ada.auth.login(username=ada.username, backup_code=code) for _ in range(10)), return_exceptions=True
    )

    assert sum(not isinstance(one, BaseException) for one in answers) == 1
    assert (await ada.state()).backup_codes_left == 9


async def test_many_backup_codes_at_once_are_each_used_up(ada: Person) -> None:
    await asyncio.gather(*(ada.auth.login(username=ada.username, backup_code=one) for one in ada.backup_codes))

    assert (await ada.state()).backup_codes_left == 0


async def test_an_older_code_is_not_taken_after_a_newer_one(ada: Person) -> None:
    older, newer = ada.code(-1), ada.code()
    await ada.auth.login(username=ada.username, otp_code=newer)

    assert (await refused(ada, otp_code=older)).reason == "OTP_INVALID"


async def test_guessing_locks_the_code_and_never_the_password(ada: Person) -> None:
    for nth in range(5):
        await refused(ada, otp_code=ada.wrong(nth))

    locked = await refused(ada, otp_code=ada.code())

    assert locked.reason == "OTP_LOCKED"
    assert 1 <= int(locked.details["retry_after_seconds"]) <= 60
    assert (await ada.told(LoginRefused))[-1].reason == "otp_locked"
    assert (await refused(ada)).reason == "OTP_REQUIRED"  # as ever
    assert (await ada.auth.login(username=ada.username, backup_code=ada.backup_codes[0])).token


async def test_whoever_does_not_know_the_password_cannot_lock_the_code(ada: Person) -> None:
    for nth in range(12):
        with pytest.raises(Unauthenticated):
            await ada.auth.login(password="guessed", username=ada.username, otp_code=ada.wrong(nth))

    assert (await ada.row("user_2fa")).failed_count == 0
    assert (await ada.auth.login(username=ada.username, otp_code=ada.code())).token


async def test_of_fifty_guesses_at_once_at_most_five_are_looked_at(ada: Person) -> None:
    answers = await asyncio.gather(
        *(ada.auth.login(username=ada.username, otp_code=ada.wrong(nth)) for nth in range(50)), return_exceptions=True
    )

    assert 1 <= looked_at(answers) <= 5
    assert {"OTP_INVALID", "OTP_LOCKED"} <= {one.reason for one in answers if isinstance(one, Refusal)}
    assert (await ada.row("user_2fa")).failed_count == 5


async def test_a_right_code_after_some_wrong_ones_starts_the_count_anew(ada: Person) -> None:
    for _ in range(3):
        for nth in range(4):
            await refused(ada, otp_code=ada.wrong(nth))
        await ada.auth.login(username=ada.username, otp_code=ada.code())
        ada.clock.tick()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("otp_code", "12345"),
        ("otp_code", ""),
        ("otp_code", "\uff11\uff12\uff13\uff14\uff15\uff16"),
        ("otp_code", "1" * 65_536),
        ("otp_code", "12345\n"),
        ("backup_code", "k" * 65_536),
        ("backup_code", "short"),
    ],
)
async def test_what_cannot_be_a_code_is_refused_before_the_password_is_looked_at(
    ada: Person, hasher: CountingHasher, field: str, value: str
) -> None:
    before, sent = hasher.verified, LoginRequest(username=ada.username, password=PASSWORD, **{field: value})

    with pytest.raises(Invalid) as wrong:
        await ada.auth.call("Login", sent, SignedIn)

    assert [one.field for one in wrong.value.violations] == [field]
    assert hasher.verified == before


async def test_a_code_that_nobody_asks_for_is_left_alone(auth: House) -> None:
    made = await auth.register()

    assert (await auth.login(username=made.user.username, otp_code="000000")).token


async def test_no_code_is_told(ada: Person) -> None:
    code, wrong = ada.code(), ada.wrong()
    await refused(ada, otp_code=wrong)
    await ada.auth.login(username=ada.username, otp_code=code)
    await ada.auth.login(username=ada.username, backup_code=ada.backup_codes[0])

    rows = await ada.auth.sql("SELECT payload FROM outbox WHERE key = :key", key=str(ada.user_id))
    told = b"".join(bytes(row.payload) for row in rows)
    assert not [one for one in (code, wrong, ada.backup_codes[0], ada.secret) if one.encode() in told]


async def test_a_suspended_account_is_not_asked_for_a_code(ada: Person) -> None:
    await ada.auth.sql("UPDATE user_account SET is_active = false WHERE user_id = :id", id=ada.user_id)

    assert (await refused(ada, otp_code=ada.code())).reason == "INVALID_CREDENTIALS"
