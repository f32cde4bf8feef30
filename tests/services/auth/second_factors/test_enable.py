"""SecondFactorsService: setting up, enabling, disabling, backup codes."""

import asyncio

import pytest
from orrery.auth.second_factors.v1 import events_pb2 as events
from orrery.auth.v1 import second_factors_pb2 as pb
from orrery.options.v1.options_pb2 import Caller

from libs.errors import Conflict, Exhausted, Internal, Invalid
from libs.rpc.access import access_of
from tests.services.auth.house import House
from tests.services.auth.second_factors.people import Person, Ticking, looked_at, person


@pytest.fixture
async def ada(auth: House, clock: Ticking) -> Person:
    return await person(auth, clock)


async def test_setting_up_asks_for_nothing_yet(ada: Person) -> None:
    made = await ada.ask("SetUpTotp", pb.SetUpTotpRequest())

    assert made.otp_auth_uri.startswith(f"otpauth://totp/Orrery:{ada.username}?secret={made.secret}&issuer=Orrery")
    assert made.qr_code_image.startswith("data:image/svg+xml")
    assert await ada.state() == pb.SecondFactor()
    assert (await ada.auth.login(username=ada.username)).token


async def test_the_secret_is_stored_sealed(ada: Person) -> None:
    secret = await ada.set_up()

    assert secret not in str(await ada.row("user_2fa"))


async def test_a_secret_opens_for_its_account_alone(ada: Person, auth: House, clock: Ticking) -> None:
    await ada.enable()
    eve = await person(auth, clock)
    await eve.set_up()
    stolen = (await ada.row("user_2fa")).totp_secret
    await auth.sql("UPDATE user_2fa SET totp_secret = :it WHERE user_id = :id", it=stolen, id=eve.user_id)

    with pytest.raises(Internal):
        await eve.ask("EnableTotp", pb.EnableTotpRequest(otp_code=ada.code()))


async def test_setting_up_again_replaces_the_secret_that_waits(ada: Person) -> None:
    await ada.set_up()
    old = ada.code()
    await ada.set_up()

    with pytest.raises(Invalid) as refused:
        await ada.ask("EnableTotp", pb.EnableTotpRequest(otp_code=old))

    assert refused.value.reason == "OTP_INVALID"
    assert len((await ada.ask("EnableTotp", pb.EnableTotpRequest(otp_code=ada.code()))).backup_codes) == 10


async def test_setting_up_what_is_enabled_is_refused(ada: Person) -> None:
    await ada.enable()
    before = await ada.row("user_2fa")

    with pytest.raises(Conflict) as refused:
        await ada.set_up()

    assert refused.value.reason == "SECOND_FACTOR_ENABLED"
    assert await ada.row("user_2fa") == before


async def test_enabling_answers_ten_backup_codes_of_which_the_table_keeps_hashes(ada: Person) -> None:
    codes = await ada.enable()

    kept = str(await ada.row("user_2fa"))
    assert len(set(codes)) == 10
    assert not [code for code in codes if code in kept or code.replace("-", "") in kept]
    assert await ada.state() == pb.SecondFactor(is_enabled=True, backup_codes_left=10)
    assert await ada.told(events.SecondFactorEnabled) == [events.SecondFactorEnabled(user_id=ada.user_id)]


async def test_a_wrong_code_enables_nothing_and_is_told(ada: Person) -> None:
    await ada.set_up()

    with pytest.raises(Invalid) as refused:
        await ada.ask("EnableTotp", pb.EnableTotpRequest(otp_code=ada.wrong()))

    assert refused.value.reason == "OTP_INVALID"
    assert not (await ada.state()).is_enabled
    assert [(one.purpose, one.kind, one.reason) for one in await ada.told(events.SecondFactorRefused)] == [
        ("enable", "totp", "wrong")
    ]


async def test_enabling_needs_a_setup(ada: Person) -> None:
    with pytest.raises(Conflict) as refused:
        await ada.ask("EnableTotp", pb.EnableTotpRequest(otp_code="123456"))

    assert refused.value.reason == "SETUP_MISSING"


async def test_of_many_that_enable_at_once_one_gets_codes(ada: Person) -> None:
    await ada.set_up()
    request = pb.EnableTotpRequest(otp_code=ada.code())

    answers = await asyncio.gather(*(ada.ask("EnableTotp", request) for _ in range(12)), return_exceptions=True)

    assert sum(isinstance(one, pb.BackupCodes) for one in answers) == 1
    assert {one.reason for one in answers if isinstance(one, Conflict)} == {"SECOND_FACTOR_ENABLED"}


async def test_the_code_that_enabled_is_used_up(ada: Person) -> None:
    await ada.set_up()
    code = ada.code()
    await ada.ask("EnableTotp", pb.EnableTotpRequest(otp_code=code))

    with pytest.raises(Invalid) as refused:
        await ada.disable(otp_code=code)

    assert refused.value.reason == "OTP_INVALID"
    assert (await ada.told(events.SecondFactorRefused))[-1].reason == "used"


async def test_disabling_forgets_the_secret_and_the_codes(ada: Person) -> None:
    await ada.enable()

    assert await ada.disable(otp_code=ada.code())

    row = await ada.row("user_2fa")
    assert (row.is_enabled, row.totp_secret, row.backup_codes) == (False, None, None)
    assert await ada.told(events.SecondFactorDisabled) == [events.SecondFactorDisabled(user_id=ada.user_id)]
    assert (await ada.auth.login(username=ada.username)).token


async def test_a_lost_app_is_disabled_by_a_backup_code(ada: Person) -> None:
    codes = await ada.enable()

    assert await ada.disable(backup_code=codes[3].upper().replace("-", ""))

    assert not (await ada.state()).is_enabled


async def test_backup_codes_end_with_their_secret(ada: Person) -> None:
    old = await ada.enable()
    await ada.disable(otp_code=ada.code())
    ada.clock.tick()
    await ada.enable()

    with pytest.raises(Invalid):
        await ada.disable(backup_code=old[0])


@pytest.mark.parametrize("proof", [{}, {"otp_code": "12345"}, {"otp_code": "\uff11" * 6}, {"otp_code": "1" * 65_536}])
async def test_disabling_needs_what_can_be_a_code(ada: Person, proof: dict[str, str]) -> None:
    await ada.enable()

    with pytest.raises(Invalid) as refused:
        await ada.disable(**proof)

    assert [one.field for one in refused.value.violations] == ["otpCode"]
    assert (await ada.row("user_2fa")).failed_count == 0


@pytest.mark.parametrize("code", ["", "k3vq", "k3vq-7xm2-aewh-c5t1", "k3vq 7xm2 aewh c5tp", "\u212a3vq-7xm2-aewh-c5tp"])
async def test_a_backup_code_has_one_alphabet(ada: Person, code: str) -> None:
    await ada.enable()

    with pytest.raises(Invalid) as refused:
        await ada.disable(backup_code=code)

    assert [one.field for one in refused.value.violations] == ["backupCode"]


async def test_disabling_what_is_not_enabled_is_refused(ada: Person) -> None:
    for proof in ({"otp_code": "123456"}, {"backup_code": "k3vq-7xm2-aewh-c5tp"}):
        with pytest.raises(Conflict) as refused:
            await ada.disable(**proof)
        assert refused.value.reason == "SECOND_FACTOR_MISSING"


async def test_new_backup_codes_replace_the_old_ones(ada: Person) -> None:
    old = await ada.enable()

    new = await ada.replace_codes(ada.code())

    assert len(set(new)) == 10
    assert not set(new) & set(old)
    with pytest.raises(Invalid):
        await ada.disable(backup_code=old[0])
    assert await ada.disable(backup_code=new[0])
    assert len(await ada.told(events.BackupCodesReplaced)) == 1


async def test_new_backup_codes_need_a_right_code(ada: Person) -> None:
    await ada.enable()
    before = (await ada.row("user_2fa")).backup_codes

    with pytest.raises(Invalid):
        await ada.replace_codes(ada.wrong())

    assert (await ada.row("user_2fa")).backup_codes == before


async def test_a_code_is_taken_once_across_purposes_and_in_parallel(ada: Person) -> None:
    await ada.enable()
    code = ada.code()
    attempts = [
        ada.replace_codes(code),
        ada.disable(otp_code=code),
        ada.auth.login(username=ada.username, otp_code=code),
        ada.pay("order-1", "2fa", code),
    ]

    answers = await asyncio.gather(*attempts, return_exceptions=True)

    accepted = await ada.told(events.SecondFactorAccepted)
    refused = await ada.told(events.SecondFactorRefused)
    assert len(accepted) == 1
    assert {one.reason for one in refused} <= {"used"}
    assert sum(isinstance(one, BaseException) for one in answers) >= 2


async def test_five_wrong_codes_lock_for_a_minute_and_each_lock_is_twice_as_long(ada: Person) -> None:
    codes = await ada.enable()
    waits = []
    for _ in range(3):
        for nth in range(5):
            with pytest.raises(Invalid):
                await ada.disable(otp_code=ada.wrong(nth))
        with pytest.raises(Exhausted) as locked:
            await ada.disable(otp_code=ada.code())
        waits.append(int(locked.value.details["retry_after_seconds"]))
        await ada.unlock("user_2fa")

    assert locked.value.reason == "OTP_LOCKED"
    assert [round(wait / 60) for wait in waits] == [1, 2, 4]
    assert await ada.disable(backup_code=codes[0])


async def test_no_lock_is_longer_than_a_day(ada: Person) -> None:
    await ada.enable()
    await ada.auth.sql("UPDATE user_2fa SET failed_count = 9999 WHERE user_id = :id", id=ada.user_id)

    with pytest.raises(Invalid):
        await ada.disable(otp_code=ada.wrong())
    with pytest.raises(Exhausted) as locked:
        await ada.disable(otp_code=ada.code())

    assert 86_390 <= int(locked.value.details["retry_after_seconds"]) <= 86_400


async def test_of_fifty_guesses_at_once_at_most_five_are_looked_at(ada: Person) -> None:
    await ada.enable()

    answers = await asyncio.gather(*(ada.disable(otp_code=ada.wrong(nth)) for nth in range(50)), return_exceptions=True)

    assert 1 <= looked_at(answers) <= 5
    assert (await ada.row("user_2fa")).failed_count == 5


async def test_a_lock_spares_the_backup_codes_and_one_of_them_lifts_it(ada: Person) -> None:
    codes = await ada.enable()
    for nth in range(5):
        with pytest.raises(Invalid):
            await ada.disable(otp_code=ada.wrong(nth))

    await ada.auth.login(username=ada.username, backup_code=codes[0])

    assert await ada.disable(otp_code=ada.code())


async def test_people_disable_their_own_alone(ada: Person, auth: House, clock: Ticking) -> None:
    codes = await ada.enable()
    eve = await person(auth, clock)
    await eve.enable()

    with pytest.raises(Invalid):
        await eve.disable(backup_code=codes[0])

    assert (await ada.state()).backup_codes_left == 10


def test_all_of_it_is_for_signed_in_sessions() -> None:
    service = pb.DESCRIPTOR.services_by_name["SecondFactorsService"]

    assert {access_of(method).caller for method in service.methods} == {Caller.CALLER_SESSION}
