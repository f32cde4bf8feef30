"""PasskeysService: listing, renaming and removing passkeys."""

import asyncio

import pytest
from orrery.auth.passkeys.v1.events_pb2 import PasskeyRemoved, PasskeyRenamed
from orrery.auth.v1 import passkeys_pb2 as pb

from libs.errors import Invalid, NotFound, Refusal, Unauthenticated
from services.auth.sessions.sweep import Sweep
from tests.services.auth.house import House
from tests.services.auth.passkeys.authenticator import Authenticator, encoded
from tests.services.auth.passkeys.people import Person, login, login_options, person


async def rename(who: Person, credential_id: str, name: str) -> pb.Passkey:
    request = pb.RenamePasskeyRequest(credential_id=credential_id, name=name)
    return (await who.auth.call("RenamePasskey", request, pb.RenamePasskeyResponse, who.visitor)).credential


async def remove(who: Person, credential_id: str) -> bool:
    request = pb.RemovePasskeyRequest(credential_id=credential_id)
    return (await who.auth.call("RemovePasskey", request, pb.RemovePasskeyResponse, who.visitor)).success


async def test_everybody_lists_their_own_newest_first(auth: House) -> None:
    ada, eve = await person(auth), await person(auth)
    first = await ada.register(name="First")
    ada.device = Authenticator()
    second = await ada.register(name="Second")
    await eve.register()

    assert await ada.passkeys() == [second, first]


async def test_a_new_name_is_kept_and_told_of_once(auth: House) -> None:
    ada = await person(auth)
    kept = await ada.register(name="Old")

    renamed = await rename(ada, kept.credential_id, "New")
    await rename(ada, kept.credential_id, "New")

    assert [one.name for one in await ada.passkeys()] == [renamed.name] == ["New"]
    [told] = await auth.events(ada.user_id, PasskeyRenamed)
    assert (told.name, told.previous_name) == ("New", "Old")


async def test_a_name_that_nobody_sees_is_refused(auth: House) -> None:
    ada = await person(auth)
    kept = await ada.register()

    with pytest.raises(Invalid):
        await rename(ada, kept.credential_id, "\u2066\u2069")


async def test_a_removed_passkey_is_told_of_once_and_signs_nobody_in(auth: House) -> None:
    ada = await person(auth)
    kept = await ada.register(name="Lost")

    answers = await asyncio.gather(*(remove(ada, kept.credential_id) for _ in range(4)), return_exceptions=True)

    assert sum(one is True for one in answers) == 1
    assert {one.reason for one in answers if isinstance(one, Refusal)} == {"PASSKEY_NOT_FOUND"}
    [told] = await auth.events(ada.user_id, PasskeyRemoved)
    assert told.name == "Lost"
    with pytest.raises(Unauthenticated):
        await login(auth, ada.device)


async def test_anothers_passkey_is_not_there(auth: House) -> None:
    ada, eve = await person(auth), await person(auth)
    kept = await ada.register(name="Ada's")

    for ask in (remove(eve, kept.credential_id), rename(eve, kept.credential_id, "Eve's")):
        with pytest.raises(NotFound) as refused:
            await ask
        assert refused.value.reason == "PASSKEY_NOT_FOUND"

    assert [one.name for one in await ada.passkeys()] == ["Ada's"]


async def test_its_owner_is_told_by_mail_of_a_passkey_that_comes_or_goes(auth: House) -> None:
    ada = await person(auth)
    await auth.sql("UPDATE user_account SET email_verified_at = now() WHERE user_id = :id", id=ada.user_id)

    kept = await ada.register()
    await remove(ada, kept.credential_id)

    mails = await auth.sql(
        "SELECT content FROM mail WHERE recipient = :to AND template = 'second_factor_changed' ORDER BY created_at",
        to=ada.signed_in.user.email,
    )
    assert [one[0]["change"].split(" / ")[0] for one in mails] == ["a passkey was added", "a passkey was removed"]


@pytest.mark.parametrize("credential_id", ["", "!", "a", "é", encoded(b"unknown"), "..", "\0", "A" * 1364])
async def test_what_names_no_passkey_is_not_there(auth: House, credential_id: str) -> None:
    with pytest.raises(NotFound):
        await remove(await person(auth), credential_id)


async def test_challenges_that_nobody_answered_are_swept(auth: House) -> None:
    ada = await person(auth)
    await login_options(auth)
    await ada.options()
    await auth.sql("UPDATE passkey_challenge SET expires_at = now() - interval '1 second'")

    await Sweep(auth.database).batch()

    assert await auth.sql("SELECT count(*) FROM passkey_challenge") == [(0,)]
