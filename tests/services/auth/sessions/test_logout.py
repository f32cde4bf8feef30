"""SessionsService.Logout."""

import asyncio

import pytest
from orrery.auth.sessions.v1.events_pb2 import SessionRevoked
from orrery.auth.v1.sessions_pb2 import LogoutRequest, LogoutResponse

from libs.errors import Unauthenticated
from tests.services.auth.house import House, Visitor, claims


async def has_ended(auth: House, token: str) -> bool:
    """Whether the session of an access token was ended by its owner."""
    rows = await auth.sql("SELECT revoked_reason FROM session WHERE id = :sid", sid=claims(token)["sid"])
    return bool(rows == [("logout",)])


async def test_a_refresh_token_ends_its_session_and_the_fleet_hears_of_it(auth: House) -> None:
    made = await auth.register()

    assert await auth.logout(made.refresh_token)

    assert await auth.events(made.user.user_id, SessionRevoked) == [
        SessionRevoked(user_id=made.user.user_id, session_id=claims(made.token)["sid"], reason="logout")
    ]
    with pytest.raises(Unauthenticated):
        await auth.refresh(made.refresh_token)


async def test_the_bearer_alone_ends_its_own_session(auth: House) -> None:
    made = await auth.register()
    other = await auth.login(username=made.user.username)

    assert await auth.logout(visitor=Visitor(token=made.token))

    assert await has_ended(auth, made.token)
    assert not await has_ended(auth, other.token)


async def test_the_refresh_token_counts_before_the_bearer(auth: House) -> None:
    made = await auth.register()
    other = await auth.login(username=made.user.username)

    assert await auth.logout(other.refresh_token, Visitor(token=made.token))

    assert await has_ended(auth, other.token)
    assert not await has_ended(auth, made.token)


async def test_a_refresh_token_that_is_nobodys_leaves_the_bearers_session_to_end(auth: House) -> None:
    made = await auth.register()

    assert await auth.logout("never-issued", Visitor(token=made.token))

    assert await has_ended(auth, made.token)


async def test_any_token_of_the_session_ends_it(auth: House) -> None:
    made = await auth.register()
    await auth.refresh(made.refresh_token)

    assert await auth.logout(made.refresh_token)

    assert await has_ended(auth, made.token)


async def test_the_token_is_taken_under_its_other_name(auth: House) -> None:
    made = await auth.register()

    await auth.call("Logout", LogoutRequest(refresh_token_camel=made.refresh_token), LogoutResponse)

    assert await has_ended(auth, made.token)


async def test_an_unknown_token_is_no_failure(auth: House) -> None:
    assert await auth.logout("never-issued")


async def test_logging_out_twice_and_at_once_is_told_of_once(auth: House) -> None:
    made = await auth.register()

    answers = await asyncio.gather(*(auth.logout(made.refresh_token) for _ in range(10)))

    assert answers == [True] * 10
    assert len(await auth.events(made.user.user_id, SessionRevoked)) == 1


async def test_without_any_token_there_is_nothing_to_end(auth: House) -> None:
    with pytest.raises(Unauthenticated) as refused:
        await auth.logout()

    assert refused.value.reason == "NOTHING_TO_END"
