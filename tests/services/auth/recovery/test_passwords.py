"""ChangePassword, ForgotPassword, ResetPassword."""

import asyncio

import pytest
from orrery.auth.accounts.v1 import events_pb2 as events
from orrery.auth.sessions.v1 import events_pb2 as session_events

from libs.errors import Invalid, Refusal, Unauthenticated
from tests.services.auth.house import PASSWORD, CountingHasher, House, claims, name
from tests.services.auth.mails.office import posted
from tests.services.auth.recovery.desk import NEW, change_password, forget, mailed, proven, reset

KIND = session_events.CredentialsInvalidated


async def test_a_changed_password_signs_in_and_the_old_one_does_not(auth: House) -> None:
    made = await proven(auth)

    assert await change_password(auth, made)

    assert await auth.login(username=made.user.username, password=NEW)
    with pytest.raises(Unauthenticated):
        await auth.login(username=made.user.username)
    [changed] = await auth.events(made.user.user_id, events.PasswordChanged)
    assert (changed.how, changed.sessions_ended) == ("change", 0)
    assert len(await posted(auth.database, made.user.email, "password_changed")) == 1


async def test_changing_ends_the_other_sessions_and_keeps_the_own(auth: House) -> None:
    made = await auth.register()
    others = [await auth.login(username=made.user.username) for _ in range(3)]

    await change_password(auth, made)

    assert (await auth.refresh(made.refresh_token)).token
    for other in others:
        with pytest.raises(Unauthenticated):
            await auth.refresh(other.refresh_token)
    revoked = await auth.events(made.user.user_id, session_events.SessionRevoked)
    assert {one.session_id for one in revoked} == {claims(other.token)["sid"] for other in others}
    assert {one.reason for one in revoked} == {"password_changed"}


async def test_a_wrong_password_changes_nothing(auth: House) -> None:
    made = await auth.register()

    with pytest.raises(Invalid) as refused:
        await change_password(auth, made, current="Wrong-horse7")

    assert [(one.field, one.code) for one in refused.value.violations] == [("current_password", "wrong_password")]
    assert await auth.login(username=made.user.username)
    assert len(await auth.events(made.user.user_id, events.ProofRefused)) == 1


@pytest.mark.parametrize(("new", "code"), [("short", "too_short"), ("x" * 1025, "too_long"), ("", "too_short")])
async def test_a_new_password_keeps_the_rules(auth: House, new: str, code: str) -> None:
    made = await auth.register()

    with pytest.raises(Invalid) as refused:
        await change_password(auth, made, new=new)

    assert [(one.field, one.code) for one in refused.value.violations] == [("new_password", code)]


async def test_a_new_password_is_another_one(auth: House) -> None:
    made = await auth.register()

    with pytest.raises(Invalid) as refused:
        await change_password(auth, made, new=PASSWORD)

    assert refused.value.violations[0].code == "unchanged"


async def test_of_two_changes_at_once_one_holds(auth: House) -> None:
    made = await auth.register()
    words = [f"{NEW}{number}" for number in range(5)]

    answers = await asyncio.gather(*(change_password(auth, made, new=word) for word in words), return_exceptions=True)

    assert answers.count(True) == 1
    [good] = [word for word, answer in zip(words, answers, strict=True) if answer is True]
    assert await auth.login(username=made.user.username, password=good)


async def test_a_mailed_token_chooses_a_new_password_and_ends_all_sessions(auth: House) -> None:
    made = await proven(auth)
    other = await auth.login(username=made.user.username)

    await forget(auth, made.user.email)
    assert await reset(auth, await mailed(auth, made.user.email, "reset_password"))

    for session in (made, other):
        with pytest.raises(Unauthenticated):
            await auth.refresh(session.refresh_token)
    assert await auth.login(username=made.user.username, password=NEW)
    [changed] = await auth.events(made.user.user_id, events.PasswordChanged)
    assert (changed.how, changed.sessions_ended) == ("reset", 2)
    kinds = [KIND.FromString(row.payload) for row in await auth.staged(KIND)]
    assert ("account", made.user.id) in [(one.kind, one.id) for one in kinds]


async def test_a_reset_proves_the_address(auth: House) -> None:
    made = await auth.register()
    await forget(auth, made.user.email)

    await reset(auth, await mailed(auth, made.user.email, "reset_password"))

    assert len(await auth.events(made.user.user_id, events.EmailVerified)) == 1


async def test_a_reset_token_is_good_once_even_at_once(auth: House) -> None:
    made = await auth.register()
    await forget(auth, made.user.email)
    token = await mailed(auth, made.user.email, "reset_password")

    answers = await asyncio.gather(
        *(reset(auth, token, f"{NEW}{number}") for number in range(6)), return_exceptions=True
    )

    assert answers.count(True) == 1
    assert {one.reason for one in answers if isinstance(one, Refusal)} == {"MAILED_TOKEN_UNUSABLE"}
    good = answers.index(True)
    assert await auth.login(username=made.user.username, password=f"{NEW}{good}")


async def test_a_reset_token_lives_thirty_minutes(auth: House) -> None:
    made = await auth.register()
    await forget(auth, made.user.email)
    token = await mailed(auth, made.user.email, "reset_password")
    [proof] = await auth.sql(
        "SELECT expires_at - created_at AS life FROM account_proof WHERE user_id = :id AND purpose = 'reset_password'",
        id=made.user.user_id,
    )
    await auth.sql("UPDATE account_proof SET expires_at = now() WHERE user_id = :id", id=made.user.user_id)

    with pytest.raises(Invalid):
        await reset(auth, token)

    assert proof.life.total_seconds() == 1800
    assert await auth.login(username=made.user.username)


async def test_a_weak_new_password_leaves_the_token_unspent(auth: House) -> None:
    made = await auth.register()
    await forget(auth, made.user.email)
    token = await mailed(auth, made.user.email, "reset_password")

    with pytest.raises(Invalid) as refused:
        await reset(auth, token, "short")

    assert refused.value.violations[0].code == "too_short"
    assert await reset(auth, token)


async def test_a_second_mail_makes_the_first_ones_token_unknown(auth: House) -> None:
    made = await auth.register()
    await forget(auth, made.user.email)
    first = await mailed(auth, made.user.email, "reset_password")
    await forget(auth, made.user.email)

    with pytest.raises(Invalid):
        await reset(auth, first)

    assert await reset(auth, await mailed(auth, made.user.email, "reset_password"))


async def test_a_token_is_void_once_the_password_was_changed_otherwise(auth: House) -> None:
    made = await auth.register()
    await forget(auth, made.user.email)
    token = await mailed(auth, made.user.email, "reset_password")
    await change_password(auth, made)

    with pytest.raises(Invalid):
        await reset(auth, token)


async def test_an_unknown_address_gets_the_same_answer_from_the_same_work(auth: House) -> None:
    made, unknown = await auth.register(), f"{name()}@example.com"

    assert await forget(auth, made.user.email) == await forget(auth, unknown)

    assert await posted(auth.database, unknown) == []
    assert len(await posted(auth.database, made.user.email, "reset_password")) == 1


async def test_a_suspended_person_is_mailed_nothing(auth: House) -> None:
    made = await auth.register()
    await auth.sql("UPDATE user_account SET is_active = FALSE WHERE user_id = :id", id=made.user.user_id)

    assert await forget(auth, made.user.email)

    assert await posted(auth.database, made.user.email, "reset_password") == []


async def test_a_mailbox_is_not_filled_by_others(auth: House) -> None:
    made = await auth.register()

    for _ in range(12):
        assert await forget(auth, made.user.email)

    assert len(await posted(auth.database, made.user.email, "reset_password")) <= 8


async def test_an_unknown_token_costs_no_hash(auth: House, hasher: CountingHasher) -> None:
    before = hasher.hashed

    with pytest.raises(Invalid):
        await reset(auth, "x" * 43)

    assert hasher.hashed == before


async def test_a_mail_goes_to_the_address_of_the_account_never_to_the_one_typed(auth: House) -> None:
    """A Kelvin sign is no k to a mail server, but one to `lower`."""
    local = name()
    made = await auth.register(email=f"{local}k@example.com")

    await forget(auth, f"{local}\u212a@example.com")

    assert len(await posted(auth.database, made.user.email, "reset_password")) == 1
    assert await posted(auth.database, f"{local}\u212a@example.com") == []


async def test_the_first_password_is_gone_after_a_reset(auth: House) -> None:
    made = await auth.register()
    await forget(auth, made.user.email)
    await reset(auth, await mailed(auth, made.user.email, "reset_password"))

    with pytest.raises(Unauthenticated):
        await auth.login(username=made.user.username, password=PASSWORD)
