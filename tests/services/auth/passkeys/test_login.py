"""PasskeysService: signing in by a passkey."""

import asyncio
import os

import pytest
from orrery.auth.passkeys.v1.events_pb2 import PasskeyRefused, PasskeyUsed
from orrery.auth.sessions.v1.events_pb2 import SessionStarted
from orrery.auth.v1.accounts_pb2 import SignedIn

from libs.errors import Forbidden, Invalid, Refusal, Unauthenticated
from tests.services.auth.house import House, Visitor, claims
from tests.services.auth.passkeys.authenticator import (
    BE,
    BS,
    PRESENT_AND_VERIFIED,
    UP,
    UV,
    Authenticator,
    Json,
    Manner,
    decoded,
    elliptic,
    encoded,
)
from tests.services.auth.passkeys.people import Person, enter, login, login_options, person


async def with_passkey(auth: House, manner: Manner | None = None) -> Person:
    ada = await person(auth)
    await ada.register(manner or Manner())
    return ada


async def refusal(auth: House, document: Json) -> str:
    with pytest.raises(Unauthenticated) as refused:
        await enter(auth, document, Visitor("192.0.2.9"))
    assert refused.value.details == {}
    return refused.value.reason


async def test_the_options_name_nobody(auth: House) -> None:
    options = await login_options(auth)

    assert (options["rpId"], options["userVerification"], options["allowCredentials"]) == (
        "orrery.test",
        "required",
        [],
    )
    assert len(decoded(options["challenge"])) == 32


async def test_a_passkey_signs_its_owner_in_and_the_fleet_hears_of_it(auth: House) -> None:
    ada = await with_passkey(auth)

    entered = await login(auth, ada.device)

    assert entered.user == ada.signed_in.user
    assert (await auth.me(entered.token)).user_id == ada.user_id
    assert (await auth.refresh(entered.refresh_token)).token_type == "bearer"
    [used] = await auth.events(ada.user_id, PasskeyUsed)
    assert used.session_id == claims(entered.token)["sid"]
    assert (await auth.events(ada.user_id, SessionStarted))[-1].session_id == used.session_id
    [kept] = await ada.passkeys()
    assert kept.last_used_at


BROKEN: dict[str, Manner] = {
    "another origin": Manner(origin="https://evil.example"),
    "a name that begins alike": Manner(origin="https://orrery.test.evil.example"),
    "another site's hash": Manner(rp_id="evil.example"),
    "the other ceremony": Manner(kind="webauthn.create"),
    "nobody present": Manner(flags=UV),
    "nobody verified": Manner(flags=UP),
    "backed up but not to be backed up": Manner(flags=PRESENT_AND_VERIFIED | BS),
    "suddenly to be backed up": Manner(flags=PRESENT_AND_VERIFIED | BE),
    "an embedded page": Manner(client={"crossOrigin": True}),
    "bytes left over": Manner(tail=b"\x00"),
    "extensions that are not there": Manner(flags=PRESENT_AND_VERIFIED | 0x80),
    "a key that is not there": Manner(flags=PRESENT_AND_VERIFIED | 0x40),
}


@pytest.mark.parametrize("manner", BROKEN.values(), ids=BROKEN)
async def test_what_is_not_in_order_signs_nobody_in_and_uses_the_challenge_up(auth: House, manner: Manner) -> None:
    ada = await with_passkey(auth)
    options = await login_options(auth)

    assert await refusal(auth, ada.device.get(options, manner)) == "PASSKEY_REFUSED"
    with pytest.raises(Invalid) as again:
        await enter(auth, ada.device.get(options))

    assert again.value.reason == "CHALLENGE_REFUSED"
    [told] = await auth.events(ada.user_id, PasskeyRefused)
    assert (told.reason, told.address) == ("not_verified", "192.0.2.9")
    row = next(one for one in await auth.staged(PasskeyRefused) if one.key == str(ada.user_id))
    assert (row.user_id, row.organization_id) == (ada.user_id, claims(ada.signed_in.token)["org"])


async def test_another_key_a_changed_signature_and_changed_data_are_refused(auth: House) -> None:
    ada = await with_passkey(auth)
    impostor = Authenticator(elliptic(), ada.device.credential_id, ada.device.user_handle, ada.device.rp_id)
    assert await refusal(auth, impostor.get(await login_options(auth))) == "PASSKEY_REFUSED"

    for part in ("signature", "authenticatorData"):
        document = ada.device.get(await login_options(auth))
        broken = bytearray(decoded(document["response"][part]))
        broken[-1] ^= 1
        document["response"][part] = encoded(bytes(broken))
        assert await refusal(auth, document) == "PASSKEY_REFUSED"
        cut = ada.device.get(await login_options(auth))
        cut["response"][part] = encoded(decoded(cut["response"][part])[:20])
        assert await refusal(auth, cut) == "PASSKEY_REFUSED"


async def test_a_passkey_that_nobody_registered_is_refused_alike(auth: House) -> None:
    ada = await with_passkey(auth)
    stranger = Authenticator(user_handle=ada.device.user_handle, rp_id="orrery.test")

    assert await refusal(auth, stranger.get(await login_options(auth))) == "PASSKEY_REFUSED"

    assert (await auth.events(0, PasskeyRefused))[-1].reason == "unknown_passkey"


@pytest.mark.parametrize("whose", ["another's", "nobody's", "none"])
async def test_the_owner_that_the_device_names_must_be_the_owner(auth: House, whose: str) -> None:
    ada, eve = await with_passkey(auth), await with_passkey(auth)
    handles = {"another's": eve.device.user_handle, "nobody's": os.urandom(16), "none": b""}

    document = ada.device.get(await login_options(auth), Manner(handle=handles[whose]))

    assert await refusal(auth, document) == "PASSKEY_REFUSED"


async def test_an_answer_signs_in_once_however_often_it_comes_at_once(auth: House) -> None:
    ada = await with_passkey(auth)
    document = ada.device.get(await login_options(auth))

    answers = await asyncio.gather(*(enter(auth, document) for _ in range(12)), return_exceptions=True)

    assert sum(isinstance(one, SignedIn) for one in answers) == 1
    assert {one.reason for one in answers if isinstance(one, Refusal)} == {"CHALLENGE_REFUSED"}


async def test_challenges_of_a_registration_or_of_nobody_or_expired_are_refused(auth: House) -> None:
    ada = await with_passkey(auth)
    registration = decoded((await ada.options())["challenge"])
    options = await login_options(auth)
    expired = await login_options(auth)
    await auth.sql("UPDATE passkey_challenge SET expires_at = now() WHERE purpose = 'login'")

    for challenge in (registration, os.urandom(32), decoded(options["challenge"]), decoded(expired["challenge"])):
        with pytest.raises(Invalid) as refused:
            await enter(auth, ada.device.get(options, Manner(challenge=challenge)))
        assert refused.value.reason == "CHALLENGE_REFUSED"


async def test_a_counter_that_goes_back_or_stays_is_a_copy(auth: House) -> None:
    ada = await with_passkey(auth)
    ada.device.count = 41
    await login(auth, ada.device)  # 42

    for count in (41, 4, -1):  # the next is one more: 42, 5, 0
        ada.device.count = count
        assert await refusal(auth, ada.device.get(await login_options(auth))) == "PASSKEY_REFUSED"

    assert [one.reason for one in await auth.events(ada.user_id, PasskeyRefused)] == ["sign_count"] * 3
    ada.device.count = 42
    assert await login(auth, ada.device)


async def test_a_device_that_does_not_count_is_no_copy(auth: House) -> None:
    ada = await person(auth, Authenticator(counts=False))
    await ada.register()

    assert await login(auth, ada.device)
    assert await login(auth, ada.device)


async def test_of_two_answers_with_one_count_one_signs_in(auth: House) -> None:
    ada = await with_passkey(auth)
    documents = []
    for _ in range(6):
        ada.device.count = 6
        documents.append(ada.device.get(await login_options(auth)))

    answers = await asyncio.gather(*(enter(auth, one) for one in documents), return_exceptions=True)

    assert sum(isinstance(one, SignedIn) for one in answers) == 1


SUSPENSIONS = {
    "the person": "UPDATE user_account SET is_active = false WHERE user_id = :id",
    "their only organization": """
        UPDATE organization SET status = 'suspended'
        WHERE id IN (SELECT organization_id FROM organization_member WHERE user_id = :id)""",
}


@pytest.mark.parametrize("statement", SUSPENSIONS.values(), ids=SUSPENSIONS)
async def test_who_is_suspended_cannot_sign_in(auth: House, statement: str) -> None:
    ada = await with_passkey(auth)
    await auth.sql(statement, id=ada.user_id)

    assert await refusal(auth, ada.device.get(await login_options(auth))) == "PASSKEY_REFUSED"

    assert (await auth.events(ada.user_id, PasskeyRefused))[-1].reason == "inactive"


async def test_an_organization_may_say_from_where(auth: House) -> None:
    ada = await with_passkey(auth)
    settings = """
        UPDATE organization SET settings = jsonb_build_object('ipWhitelist', jsonb_build_array('203.0.113.0/24'))
        WHERE id IN (SELECT organization_id FROM organization_member WHERE user_id = :id)"""
    await auth.sql(settings, id=ada.user_id)

    with pytest.raises(Forbidden) as refused:
        await enter(auth, ada.device.get(await login_options(auth)), Visitor("192.0.2.9"))

    assert refused.value.reason == "ADDRESS_NOT_ALLOWED"
    assert (await auth.events(ada.user_id, PasskeyRefused))[-1].reason == "address_not_allowed"
    assert await enter(auth, ada.device.get(await login_options(auth)), Visitor("203.0.113.9"))


@pytest.mark.parametrize("document", [b"", b"{}", b"[]", b'"x"', b"{" * 70_000])
async def test_what_is_no_document_is_a_broken_field(auth: House, document: bytes) -> None:
    with pytest.raises(Invalid) as refused:
        await enter(auth, document)

    assert [one.field for one in refused.value.violations] == ["credential"]
