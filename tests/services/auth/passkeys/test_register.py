"""PasskeysService: registering a passkey."""

import asyncio
import os
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ed25519, rsa
from orrery.auth.passkeys.v1.events_pb2 import PasskeyRegistered, PasskeyRegistrationRefused
from orrery.auth.v1 import passkeys_pb2 as pb

from libs.errors import Conflict, Invalid, Refusal, Unauthenticated
from tests.services.auth.house import House
from tests.services.auth.passkeys.authenticator import (
    BE,
    BS,
    PRESENT_AND_VERIFIED,
    UP,
    UV,
    Authenticator,
    Manner,
    decoded,
    encoded,
)
from tests.services.auth.passkeys.people import login, person

ORIGIN = "https://orrery.test"


async def test_the_options_ask_for_a_discoverable_passkey_with_verification_and_no_attestation(auth: House) -> None:
    ada = await person(auth)

    options = await ada.options()

    assert options["rp"] == {"name": "Orrery", "id": "orrery.test"}
    assert options["user"]["name"] == ada.signed_in.user.username
    assert len(decoded(options["user"]["id"])) == 16
    assert len(decoded(options["challenge"])) == 32
    assert {one["alg"] for one in options["pubKeyCredParams"]} == {-7, -8, -257}
    assert options["authenticatorSelection"] == {
        "residentKey": "required",
        "requireResidentKey": True,
        "userVerification": "required",
    }
    assert (options["attestation"], options["timeout"], options["excludeCredentials"]) == ("none", 300_000, [])


@pytest.mark.parametrize("private", [None, ed25519.Ed25519PrivateKey.generate(), rsa.generate_private_key(65537, 2048)])
async def test_a_passkey_of_each_algorithm_is_kept_told_of_and_signs_in(auth: House, private: Any) -> None:
    ada = await person(auth, Authenticator(private) if private else Authenticator())

    kept = await ada.register(name="電話")

    assert (kept.name, kept.credential_id) == ("電話", encoded(ada.device.credential_id))
    assert (kept.aaguid, list(kept.transports), kept.is_backed_up) == (
        "00000000-0000-0000-0000-000000000000", ["hybrid", "internal"], False,
    )  # fmt: skip
    assert not kept.HasField("last_used_at")
    [told] = await auth.events(ada.user_id, PasskeyRegistered)
    assert (told.name, told.aaguid) == ("電話", kept.aaguid)
    assert (await login(auth, ada.device)).user.user_id == ada.user_id


async def test_a_passkey_that_is_kept_in_a_cloud_is_shown_as_such(auth: House) -> None:
    ada = await person(auth)

    assert (await ada.register(Manner(flags=PRESENT_AND_VERIFIED | BE | BS))).is_backed_up


async def test_an_authenticator_may_sign_for_itself(auth: House) -> None:
    ada = await person(auth)

    assert (await ada.register(Manner(fmt="packed"))).name == "Passkey"


async def test_the_next_options_exclude_what_is_known(auth: House) -> None:
    ada = await person(auth)
    kept = await ada.register()

    options = await ada.options()

    assert options["excludeCredentials"] == [
        {"id": kept.credential_id, "type": "public-key", "transports": ["hybrid", "internal"]}
    ]


BROKEN: dict[str, Manner] = {
    "another origin": Manner(origin="https://orrery.test.evil.example"),
    "a plain origin": Manner(origin="http://orrery.test"),
    "another port": Manner(origin="https://orrery.test:8443"),
    "no origin": Manner(origin=""),
    "another site's hash": Manner(rp_id="evil.example"),
    "the other ceremony": Manner(kind="webauthn.get"),
    "nobody present": Manner(flags=UV),
    "nobody verified": Manner(flags=UP),
    "no flag at all": Manner(flags=0),
    "backed up but not to be backed up": Manner(flags=PRESENT_AND_VERIFIED | BS),
    "an embedded page": Manner(client={"crossOrigin": True}),
    "an embedded page of a named site": Manner(client={"topOrigin": "https://evil.example"}),
    "a statement where none belongs": Manner(statement={"alg": -7}),
    "an unknown attestation": Manner(fmt="made-up"),
    "a foreign self-signature": Manner(fmt="packed", statement={"alg": -7, "sig": b"0" * 70}),
    "a chain of certificates that are none": Manner(fmt="packed", statement={"alg": -7, "sig": b"0", "x5c": [b"0"]}),
    "a tpm": Manner(fmt="tpm", statement={"ver": "2.0"}),
    "bytes left over": Manner(tail=b"\x00"),
    "extensions that are not there": Manner(flags=PRESENT_AND_VERIFIED | 0x80),
}


@pytest.mark.parametrize("manner", BROKEN.values(), ids=BROKEN)
async def test_what_is_not_in_order_is_refused_told_of_and_uses_the_challenge_up(auth: House, manner: Manner) -> None:
    ada = await person(auth)
    options = await ada.options()

    with pytest.raises(Invalid) as refused:
        await ada.verify(ada.device.create(options, manner))
    with pytest.raises(Invalid) as again:
        await ada.verify(ada.device.create(options))

    assert (refused.value.reason, again.value.reason) == ("PASSKEY_NOT_VERIFIED", "CHALLENGE_REFUSED")
    assert [one.reason for one in await auth.events(ada.user_id, PasskeyRegistrationRefused)] == [
        "not_verified",
        "challenge",
    ]
    assert await ada.passkeys() == []


async def test_a_challenge_is_good_for_whom_it_was_made_alone(auth: House) -> None:
    ada, eve = await person(auth), await person(auth)
    document = ada.device.create(await ada.options())

    with pytest.raises(Invalid) as refused:
        await eve.verify(document)

    assert refused.value.reason == "CHALLENGE_REFUSED"
    assert await ada.verify(document)


async def test_a_challenge_of_a_sign_in_or_of_nobody_registers_nothing(auth: House) -> None:
    ada = await person(auth)
    options = await ada.options()
    for challenge in (os.urandom(32), b"\x00"):
        with pytest.raises(Invalid) as refused:
            await ada.verify(ada.device.create(options, Manner(challenge=challenge)))
        assert refused.value.reason == "CHALLENGE_REFUSED"


async def test_a_challenge_lives_five_minutes(auth: House) -> None:
    ada = await person(auth)
    document = ada.device.create(await ada.options())
    moved = "UPDATE passkey_challenge SET expires_at = expires_at - interval '5 minutes' WHERE user_id = :id"
    await auth.sql(moved, id=ada.user_id)

    with pytest.raises(Invalid) as refused:
        await ada.verify(document)

    assert refused.value.reason == "CHALLENGE_REFUSED"


async def test_of_many_answers_to_one_challenge_one_is_taken(auth: House) -> None:
    ada = await person(auth)
    options = await ada.options()
    documents = [Authenticator().create(options) for _ in range(8)]

    answers = await asyncio.gather(*(ada.verify(one) for one in documents), return_exceptions=True)

    assert sum(isinstance(one, pb.Passkey) for one in answers) == 1
    assert {one.reason for one in answers if isinstance(one, Refusal)} == {"CHALLENGE_REFUSED"}
    assert len(await ada.passkeys()) == 1


async def test_a_passkey_is_one_persons(auth: House) -> None:
    ada, eve = await person(auth), await person(auth)
    await ada.register()
    eve.device = Authenticator(credential_id=ada.device.credential_id)

    with pytest.raises(Conflict) as refused:
        await eve.register()

    assert refused.value.reason == "PASSKEY_KNOWN"
    assert await eve.passkeys() == []


async def test_a_person_has_at_most_twenty_even_when_they_hurry(auth: House) -> None:
    ada = await person(auth)
    waiting = [Authenticator().create(await ada.options()) for _ in range(23)]

    answers = await asyncio.gather(*(ada.verify(one) for one in waiting), return_exceptions=True)
    with pytest.raises(Conflict) as refused:
        await ada.options()

    assert sum(isinstance(one, pb.Passkey) for one in answers) == 20
    assert {one.reason for one in answers if isinstance(one, Refusal)} == {"TOO_MANY_PASSKEYS"}
    assert refused.value.details == {"limit": "20"}


@pytest.mark.parametrize("name", ["\u200b", "a\nb", "\u202eevil", "x" * 101])
async def test_a_name_is_text_that_is_seen(auth: House, name: str) -> None:
    ada = await person(auth)

    with pytest.raises(Invalid) as refused:
        await ada.register(name=name)

    assert [one.field for one in refused.value.violations] == ["name"]


async def test_a_suspended_person_gets_no_options(auth: House) -> None:
    ada = await person(auth)
    await auth.sql("UPDATE user_account SET is_active = false WHERE user_id = :id", id=ada.user_id)

    with pytest.raises(Unauthenticated):
        await ada.options()
