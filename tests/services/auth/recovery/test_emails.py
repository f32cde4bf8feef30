"""VerifyEmail, SendVerification, ChangeEmail."""

import asyncio

import pytest
from orrery.auth.accounts.v1 import events_pb2 as events
from orrery.auth.v1 import accounts_pb2

from libs.errors import Conflict, Exhausted, Invalid, Refusal, Unauthenticated
from services.auth.recovery.models import Purpose
from tests.services.auth.house import PASSWORD, House, name
from tests.services.auth.mails.office import posted
from tests.services.auth.recovery.desk import (
    change_email,
    change_password,
    mailed,
    proven,
    send_verification,
    verify,
)


def elsewhere() -> str:
    return f"{name()}@elsewhere.example"


async def is_verified(house: House, user_id: int) -> bool:
    rows = await house.sql("SELECT email_verified_at FROM user_account WHERE user_id = :id", id=user_id)
    return rows[0].email_verified_at is not None


async def test_registering_mails_a_token_that_proves_the_address(auth: House) -> None:
    made = await auth.register()
    before = await is_verified(auth, made.user.user_id)

    assert await verify(auth, await mailed(auth, made.user.email, "verify_email"))

    assert (before, await is_verified(auth, made.user.user_id)) == (False, True)
    assert len(await auth.events(made.user.user_id, events.EmailVerified)) == 1


async def test_registering_a_tenant_mails_a_token_too(auth: House) -> None:
    user = await auth.register_tenant()

    assert await verify(auth, await mailed(auth, user.email, "verify_email"))


async def test_the_mail_is_in_the_language_that_was_asked_for(auth: House) -> None:
    made = await auth.register(language="ja")
    both = await auth.register()

    assert [mail.language for mail in await posted(auth.database, made.user.email)] == ["ja"]
    assert [mail.language for mail in await posted(auth.database, both.user.email)] == [""]


async def test_a_token_is_stored_as_its_hash_alone(auth: House) -> None:
    made = await auth.register()
    token = await mailed(auth, made.user.email, "verify_email")

    [row] = await auth.sql("SELECT * FROM account_proof WHERE user_id = :id", id=made.user.user_id)

    assert token.encode() not in bytes(row.hash)
    assert token not in str(row)


async def test_a_token_is_good_once_even_at_once(auth: House) -> None:
    made = await auth.register()
    token = await mailed(auth, made.user.email, "verify_email")

    answers = await asyncio.gather(*(verify(auth, token) for _ in range(8)), return_exceptions=True)

    assert answers.count(True) == 1
    assert {one.reason for one in answers if isinstance(one, Refusal)} == {"MAILED_TOKEN_UNUSABLE"}
    refused = await auth.events(made.user.user_id, events.ProofRefused)
    assert {(one.purpose, one.reason) for one in refused} == {("verify_email", "used_token")}


@pytest.mark.parametrize("token", ["x", "x" * 43, "🔑", "a\u0000b", "' OR 1=1 --", "x" * 512])
async def test_an_unknown_token_is_refused_and_noted(auth: House, token: str) -> None:
    before = len(await auth.events(0, events.ProofRefused))

    with pytest.raises(Invalid) as refused:
        await verify(auth, token)

    assert refused.value.reason == "MAILED_TOKEN_UNUSABLE"
    assert len(await auth.events(0, events.ProofRefused)) == before + 1


async def test_an_old_token_is_refused(auth: House) -> None:
    made = await auth.register()
    token = await mailed(auth, made.user.email, "verify_email")
    await auth.sql("UPDATE account_proof SET expires_at = now() WHERE user_id = :id", id=made.user.user_id)

    with pytest.raises(Invalid):
        await verify(auth, token)

    assert not await is_verified(auth, made.user.user_id)


async def test_a_token_for_a_password_proves_no_address(auth: House) -> None:
    made = await auth.register()
    token = await mailed(auth, made.user.email, "verify_email")
    await auth.sql(
        "UPDATE account_proof SET purpose = :purpose WHERE user_id = :id",
        purpose=Purpose.RESET_PASSWORD,
        id=made.user.user_id,
    )

    with pytest.raises(Invalid):
        await verify(auth, token)


async def test_a_suspended_persons_token_is_refused(auth: House) -> None:
    made = await auth.register()
    token = await mailed(auth, made.user.email, "verify_email")
    await auth.sql("UPDATE user_account SET is_active = FALSE WHERE user_id = :id", id=made.user.user_id)

    with pytest.raises(Invalid):
        await verify(auth, token)


async def test_a_mail_sent_again_replaces_the_one_before(auth: House) -> None:
    made = await auth.register()
    first = await mailed(auth, made.user.email, "verify_email")

    assert await send_verification(auth, made)

    with pytest.raises(Invalid):
        await verify(auth, first)
    assert await verify(auth, await mailed(auth, made.user.email, "verify_email"))


async def test_whoever_proved_their_address_is_mailed_no_more(auth: House) -> None:
    made = await proven(auth)

    assert await send_verification(auth, made)

    assert len(await posted(auth.database, made.user.email, "verify_email")) == 1


async def test_a_mailbox_is_not_filled(auth: House) -> None:
    made = await auth.register()
    answers = [await outcome(auth, made) for _ in range(20)]

    refused = [one for one in answers if isinstance(one, Exhausted)]

    assert {one.reason for one in refused} == {"TOO_MANY_MAILS"}
    assert len(await posted(auth.database, made.user.email, "verify_email")) <= 1 + 8


async def outcome(house: House, made: accounts_pb2.SignedIn) -> bool | Refusal:
    try:
        return await send_verification(house, made)
    except Refusal as refusal:
        return refusal


async def test_a_new_address_takes_effect_when_it_is_proven_and_the_old_one_is_told(auth: House) -> None:
    made, new = await proven(auth), elsewhere()

    await change_email(auth, made, new)
    before = (await auth.me(made.token)).email
    await verify(auth, await mailed(auth, new, "change_email"))

    assert (before, (await auth.me(made.token)).email) == (made.user.email, new)
    assert await is_verified(auth, made.user.user_id)
    [told] = await posted(auth.database, made.user.email, "email_changed")
    assert told.content == {"username": made.user.username, "email": new}
    assert (await auth.login(email=new)).user.user_id == made.user.user_id
    with pytest.raises(Unauthenticated):
        await auth.login(email=made.user.email)
    assert len(await auth.events(made.user.user_id, events.EmailChangeRequested)) == 1
    assert len(await auth.events(made.user.user_id, events.EmailChanged)) == 1


async def test_events_of_a_change_carry_no_address(auth: House) -> None:
    made, new = await proven(auth), elsewhere()
    await change_email(auth, made, new)
    await verify(auth, await mailed(auth, new, "change_email"))

    rows = await auth.sql("SELECT payload FROM outbox WHERE key = :key", key=str(made.user.user_id))

    assert not any(new.encode() in bytes(row.payload) for row in rows)


async def test_an_address_that_was_never_proven_is_told_nothing(auth: House) -> None:
    made, new = await auth.register(), elsewhere()

    await change_email(auth, made, new)
    await verify(auth, await mailed(auth, new, "change_email"))

    assert await posted(auth.database, made.user.email, "email_changed") == []


async def test_changing_needs_the_password(auth: House) -> None:
    made, new = await proven(auth), elsewhere()

    with pytest.raises(Invalid) as refused:
        await change_email(auth, made, new, "Wrong-horse7")

    assert refused.value.reason == "WRONG_PASSWORD"
    assert [one.field for one in refused.value.violations] == ["password"]
    assert await posted(auth.database, new) == []
    [noted] = await auth.events(made.user.user_id, events.ProofRefused)
    assert (noted.purpose, noted.reason) == ("change_email", "wrong_password")


async def test_whether_a_new_address_is_anothers_nobody_is_told(auth: House) -> None:
    made, other = await proven(auth), await auth.register()

    assert await change_email(auth, made, other.user.email)

    assert await posted(auth.database, other.user.email, "change_email") == []
    [noted] = await auth.events(made.user.user_id, events.ProofRefused)
    assert noted.reason == "address_taken"


async def test_an_address_that_was_taken_meanwhile_is_refused_and_nothing_changes(auth: House) -> None:
    made, new = await proven(auth), elsewhere()
    await change_email(auth, made, new)
    token = await mailed(auth, new, "change_email")
    await auth.register(email=new)

    with pytest.raises(Conflict) as refused:
        await verify(auth, token)

    assert refused.value.reason == "EMAIL_TAKEN"
    assert (await auth.me(made.token)).email == made.user.email


async def test_two_who_want_one_address_are_told_apart(auth: House) -> None:
    new = elsewhere()
    ones = [await proven(auth) for _ in range(4)]
    for one in ones:
        await change_email(auth, one, new)
    mails = await posted(auth.database, new, "change_email")
    tokens = [str((mail.content or {})["link"]).partition("token=")[2] for mail in mails]

    answers = await asyncio.gather(*(verify(auth, token) for token in tokens), return_exceptions=True)

    assert answers.count(True) == 1
    assert sum(isinstance(one, Conflict) for one in answers) == 3


async def test_a_token_to_an_address_left_since_proves_nothing(auth: House) -> None:
    made, new = await auth.register(), elsewhere()
    old = await mailed(auth, made.user.email, "verify_email")
    await change_email(auth, made, new)
    await verify(auth, await mailed(auth, new, "change_email"))

    with pytest.raises(Invalid):
        await verify(auth, old)


async def test_a_changed_password_voids_a_change_of_address_that_waits(auth: House) -> None:
    made, new = await proven(auth), elsewhere()
    await change_email(auth, made, new)
    token = await mailed(auth, new, "change_email")
    await change_password(auth, made)

    with pytest.raises(Invalid):
        await verify(auth, token)


async def test_an_address_is_changed_by_its_normal_form(auth: House) -> None:
    made, new = await proven(auth), elsewhere()

    await change_email(auth, made, new.upper())
    await verify(auth, await mailed(auth, new, "change_email"))

    assert (await auth.me(made.token)).email == new
    assert await auth.login(email=new, password=PASSWORD)


async def test_these_are_for_signed_in_sessions(auth: House) -> None:
    nobody = accounts_pb2.SignedIn()

    for call in (
        send_verification(auth, nobody),
        change_email(auth, nobody, elsewhere()),
        change_password(auth, nobody),
    ):
        with pytest.raises(Unauthenticated):
            await call
