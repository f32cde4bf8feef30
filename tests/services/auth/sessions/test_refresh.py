"""SessionsService.Refresh."""

import asyncio

import pytest
from orrery.auth.sessions.v1.events_pb2 import SessionRevoked
from orrery.auth.v1.sessions_pb2 import RefreshedTokens, RefreshRequest

from libs.errors import Invalid, Unauthenticated
from tests.services.auth.house import House, Visitor, claims

ELSEWHERE = Visitor("192.0.2.66", "Thief/1")
LIVE = """
SELECT count(*) FROM refresh_token t JOIN session s ON s.id = t.session_id
WHERE s.id = :sid AND s.revoked_at IS NULL AND t.used_at IS NULL AND t.expires_at > now()
"""


async def refused(auth: House, token: str, visitor: Visitor) -> str:
    """The reason why the token is not taken."""
    with pytest.raises(Unauthenticated) as refusal:
        await auth.refresh(token, visitor)
    return refusal.value.reason


async def grace_is_over(auth: House, sid: str) -> None:
    """Move the session's past eleven seconds further into the past."""
    await auth.sql(
        "UPDATE refresh_token SET used_at = used_at - interval '11 s' WHERE session_id = :sid AND used_at IS NOT NULL",
        sid=sid,
    )


async def test_each_refresh_trades_the_token_for_the_next_of_the_same_session(auth: House) -> None:
    made = await auth.register()
    first = await auth.refresh(made.refresh_token)

    second = await auth.refresh(first.refresh_token)

    assert len({made.refresh_token, first.refresh_token, second.refresh_token}) == 3
    assert len({made.token, first.token, second.token}) == 3
    assert {claims(one.token)["sid"] for one in (made, first, second)} == {claims(made.token)["sid"]}
    assert (second.token, second.refresh_token) == (second.access_token, second.refresh_token_camel)
    assert (second.token_type, second.expires_in) == ("bearer", 1800)


async def test_the_token_is_taken_under_its_other_name(auth: House) -> None:
    made = await auth.register()

    assert await auth.call("Refresh", RefreshRequest(refresh_token_camel=made.refresh_token), RefreshedTokens)


async def test_a_copied_token_ends_the_whole_session_although_the_call_is_refused(auth: House) -> None:
    made = await auth.register()
    stolen, sid = made.refresh_token, claims(made.token)["sid"]
    current = await auth.refresh(stolen)

    assert await refused(auth, stolen, ELSEWHERE) == "REFRESH_REFUSED"

    assert await refused(auth, current.refresh_token, Visitor()) == "REFRESH_REFUSED"
    assert await auth.events(made.user.user_id, SessionRevoked) == [
        SessionRevoked(user_id=made.user.user_id, session_id=sid, reason="refresh_reuse")
    ]


async def test_a_session_that_ended_stays_ended_and_is_told_of_once(auth: House) -> None:
    made = await auth.register()
    current = await auth.refresh(made.refresh_token)
    await refused(auth, made.refresh_token, ELSEWHERE)

    for token in (made.refresh_token, current.refresh_token) * 3:
        assert await refused(auth, token, Visitor()) == "REFRESH_REFUSED"

    assert len(await auth.events(made.user.user_id, SessionRevoked)) == 1


async def test_ones_other_sessions_go_on(auth: House) -> None:
    made = await auth.register()
    other = await auth.login(username=made.user.username)
    await auth.refresh(made.refresh_token)
    await refused(auth, made.refresh_token, ELSEWHERE)

    assert await auth.refresh(other.refresh_token)


async def test_the_same_client_may_repeat_a_refresh_whose_answer_it_lost(auth: House) -> None:
    made = await auth.register()
    lost = await auth.refresh(made.refresh_token)

    again = await auth.refresh(made.refresh_token)

    assert again.refresh_token == lost.refresh_token  # one successor, so that there is one live end
    assert again.token != lost.token
    assert await auth.refresh(again.refresh_token)
    assert await auth.events(made.user.user_id, SessionRevoked) == []


@pytest.mark.parametrize("other", [Visitor("198.51.100.8"), Visitor(user_agent="Tests/2.0")])
async def test_another_client_may_not_repeat_it(auth: House, other: Visitor) -> None:
    made = await auth.register()
    await auth.refresh(made.refresh_token)

    assert await refused(auth, made.refresh_token, other) == "REFRESH_REFUSED"

    assert len(await auth.events(made.user.user_id, SessionRevoked)) == 1


async def test_after_ten_seconds_a_repetition_is_reuse(auth: House) -> None:
    made = await auth.register()
    await auth.refresh(made.refresh_token)
    await grace_is_over(auth, claims(made.token)["sid"])

    assert await refused(auth, made.refresh_token, Visitor()) == "REFRESH_REFUSED"

    assert len(await auth.events(made.user.user_id, SessionRevoked)) == 1


async def test_only_the_immediate_parent_of_the_live_token_may_be_repeated(auth: House) -> None:
    made = await auth.register()
    first = await auth.refresh(made.refresh_token)
    await auth.refresh(first.refresh_token)

    assert await refused(auth, made.refresh_token, Visitor()) == "REFRESH_REFUSED"

    assert len(await auth.events(made.user.user_id, SessionRevoked)) == 1


async def test_twenty_refreshes_at_once_of_one_client_leave_one_live_token(auth: House) -> None:
    made = await auth.register()

    answers = await asyncio.gather(*(auth.refresh(made.refresh_token) for _ in range(20)))

    assert len({answer.refresh_token for answer in answers}) == 1
    assert await auth.sql(LIVE, sid=claims(made.token)["sid"]) == [(1,)]
    assert await auth.refresh(answers[0].refresh_token)


async def test_twenty_refreshes_at_once_of_different_clients_leave_none(auth: House) -> None:
    made = await auth.register()
    thieves = [Visitor(f"192.0.2.{number}") for number in range(20)]

    answers = await asyncio.gather(
        *(auth.refresh(made.refresh_token, thief) for thief in thieves), return_exceptions=True
    )

    assert sorted(type(answer).__name__ for answer in answers) == ["RefreshedTokens"] + ["Unauthenticated"] * 19
    assert await auth.sql(LIVE, sid=claims(made.token)["sid"]) == [(0,)]
    assert len(await auth.events(made.user.user_id, SessionRevoked)) == 1


async def test_a_chain_that_is_pulled_from_many_ends_at_once_never_has_two(auth: House) -> None:
    made = await auth.register()
    sid, token = claims(made.token)["sid"], made.refresh_token

    for _ in range(5):
        answers = await asyncio.gather(*(auth.refresh(token) for _ in range(6)))
        token = answers[0].refresh_token
        assert await auth.sql(LIVE, sid=sid) == [(1,)]

    forks = "SELECT parent_id FROM refresh_token WHERE session_id = :sid GROUP BY parent_id HAVING count(*) > 1"
    assert await auth.sql(forks, sid=sid) == []


async def test_a_token_expires_seven_days_after_it_was_made(auth: House) -> None:
    made = await auth.register()
    ages = await auth.sql(
        "UPDATE refresh_token SET expires_at = now() WHERE session_id = :sid RETURNING created_at, now()",
        sid=claims(made.token)["sid"],
    )

    assert await refused(auth, made.refresh_token, Visitor()) == "TOKEN_EXPIRED"

    fresh = await auth.register()
    lifetimes = await auth.sql(
        "SELECT t.expires_at - t.created_at, s.expires_at - s.created_at FROM refresh_token t"
        " JOIN session s ON s.id = t.session_id WHERE s.id = :sid",
        sid=claims(fresh.token)["sid"],
    )
    assert len(ages) == 1
    assert [[span.days for span in row] for row in lifetimes] == [[7, 7]]


async def test_a_session_that_expired_before_its_token_spends_it_for_nothing(auth: House) -> None:
    made = await auth.register()
    sid = claims(made.token)["sid"]
    await auth.sql("UPDATE session SET expires_at = now() - interval '1 s' WHERE id = :sid", sid=sid)

    for _ in range(2):
        assert await refused(auth, made.refresh_token, Visitor()) == "TOKEN_EXPIRED"

    unspent = "SELECT count(*) FROM refresh_token WHERE session_id = :sid AND used_at IS NULL"
    assert await auth.sql(unspent, sid=sid) == [(1,)]
    assert await auth.events(made.user.user_id, SessionRevoked) == []


async def test_a_session_goes_on_for_seven_days_after_each_refresh(auth: House) -> None:
    made = await auth.register()
    sid = claims(made.token)["sid"]
    await auth.sql("UPDATE session SET expires_at = now() + interval '1 hour' WHERE id = :sid", sid=sid)

    await auth.refresh(made.refresh_token, Visitor("203.0.113.5", "Phone/9"))

    rows = await auth.sql(
        "SELECT expires_at > now() + interval '6 days', host(address), user_agent FROM session WHERE id = :sid", sid=sid
    )
    assert rows == [(True, "203.0.113.5", "Phone/9")]


@pytest.mark.parametrize("token", ["never-issued", "\0", "é", "a" * 5000])
async def test_an_unknown_token_is_refused(auth: House, token: str) -> None:
    assert await refused(auth, token, Visitor()) == "REFRESH_REFUSED"


@pytest.mark.parametrize("request_", [RefreshRequest(), RefreshRequest(refresh_token="")])
async def test_a_token_must_be_sent(auth: House, request_: RefreshRequest) -> None:
    with pytest.raises(Invalid) as refusal:
        await auth.call("Refresh", request_, RefreshedTokens)

    assert [(one.field, one.code) for one in refusal.value.violations] == [("refresh_token", "required")]


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE user_account SET is_active = {} WHERE user_id = :id",
        """UPDATE organization SET status = CASE WHEN {} THEN 'active' ELSE 'suspended' END
        WHERE id = (SELECT organization_id FROM organization_member WHERE user_id = :id)""",
    ],
    ids=["person", "organization"],
)
async def test_whoever_is_suspended_is_refused_and_may_go_on_once_that_is_over(auth: House, statement: str) -> None:
    made = await auth.register()
    await auth.sql(statement.format("false"), id=made.user.user_id)

    assert await refused(auth, made.refresh_token, Visitor()) == "REFRESH_REFUSED"

    await auth.sql(statement.format("true"), id=made.user.user_id)
    assert await auth.refresh(made.refresh_token)


async def test_suspension_counts_for_a_repetition_too(auth: House) -> None:
    made = await auth.register()
    await auth.refresh(made.refresh_token)
    await auth.sql("UPDATE user_account SET is_active = false WHERE user_id = :id", id=made.user.user_id)

    assert await refused(auth, made.refresh_token, Visitor()) == "REFRESH_REFUSED"


async def test_leaving_the_organization_ends_the_session(auth: House) -> None:
    made = await auth.register()
    await auth.sql("DELETE FROM organization_member WHERE user_id = :id", id=made.user.user_id)

    assert await refused(auth, made.refresh_token, Visitor()) == "REFRESH_REFUSED"


async def test_a_new_token_says_what_changed_meanwhile(auth: House) -> None:
    made = await auth.register()
    await auth.sql("UPDATE user_account SET is_admin = true WHERE user_id = :id", id=made.user.user_id)
    await auth.sql("UPDATE organization_member SET role = 'OPERATOR' WHERE user_id = :id", id=made.user.user_id)

    said = claims((await auth.refresh(made.refresh_token)).token)

    assert (said["adm"], said["roles"]) == (True, ["OPERATOR"])


async def test_the_database_holds_no_refresh_token(auth: House) -> None:
    made = await auth.register()
    renewed = await auth.refresh(made.refresh_token)

    rows = await auth.sql("SELECT * FROM refresh_token WHERE session_id = :sid", sid=claims(made.token)["sid"])

    stored = repr([bytes(value) if isinstance(value, memoryview) else value for row in rows for value in row])
    assert len(rows) == 2
    assert made.refresh_token not in stored
    assert renewed.refresh_token not in stored
