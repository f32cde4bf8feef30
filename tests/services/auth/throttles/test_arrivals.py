"""Signing in from a new place."""

from orrery.auth.v1.accounts_pb2 import SignedIn

from tests.services.auth.house import House, Visitor
from tests.services.auth.mails.office import posted
from tests.services.auth.recovery.desk import proven


async def test_a_sign_in_from_a_new_place_is_told_by_mail_once(auth: House) -> None:
    made = await proven(auth)

    for _ in range(2):
        await auth.login(Visitor("192.0.2.17", "Browser/2"), username=made.user.username)

    [told] = await posted(auth.database, made.user.email, "sign_in_from_new_place")
    assert (told.content or {})["address"] == "192.0.2.17"
    assert (told.content or {})["user_agent"] == "Browser/2"


async def test_a_place_nearby_is_no_news(auth: House) -> None:
    made = await proven(auth)

    await auth.login(Visitor("198.51.100.200"), username=made.user.username)

    assert await posted(auth.database, made.user.email, "sign_in_from_new_place") == []


async def test_an_address_that_is_not_proven_is_told_of_no_place(auth: House) -> None:
    made: SignedIn = await auth.register()

    await auth.login(Visitor("192.0.2.17"), username=made.user.username)

    assert await posted(auth.database, made.user.email, "sign_in_from_new_place") == []
