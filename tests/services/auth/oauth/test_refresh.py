"""ExchangeToken with refresh tokens, and by client credentials."""

import asyncio

import pytest
from orrery.auth.oauth.v1.events_pb2 import GrantRevoked, GrantStarted
from orrery.auth.v1 import oauth_pb2 as pb
from orrery.auth.v1.accounts_pb2 import SignedIn

from libs.errors import Refusal
from tests.services.auth.house import VISITOR, House, Visitor, claims
from tests.services.auth.oauth.flow import App, new_app

SUSPENDED = """
UPDATE organization SET status = 'suspended' FROM organization_member
WHERE organization.id = organization_id AND user_id = :id
"""
ELSEWHERE = Visitor("192.0.2.66", "Thief/1")


async def refused(app: App, token: str, visitor: Visitor = VISITOR, **more: str) -> str:
    with pytest.raises(Refusal) as refusal:
        await app.refresh(token, visitor, **more)
    return refusal.value.reason


async def grace_is_over(auth: House, app: App) -> None:
    await auth.sql(
        "UPDATE oauth_refresh_token SET used_at = used_at - interval '11 s' WHERE used_at IS NOT NULL"
        " AND grant_id IN (SELECT id FROM oauth_grant WHERE client_id = :id)",
        id=app.id,
    )


async def test_each_refresh_trades_the_token_for_the_next_of_the_same_grant(app: App, person: SignedIn) -> None:
    first = await app.tokens(person, nonce="n")

    second = await app.refresh(first.refresh_token)
    third = await app.refresh(second.refresh_token)

    assert len({first.refresh_token, second.refresh_token, third.refresh_token}) == 3
    assert len({claims(one.access_token)["sid"] for one in (first, second, third)}) == 1
    assert "nonce" not in claims(third.id_token)
    assert claims(third.id_token)["auth_time"] == claims(first.id_token)["auth_time"]


async def test_a_copied_token_ends_the_grant(auth: House, app: App, person: SignedIn) -> None:
    first = await app.tokens(person)
    second = await app.refresh(first.refresh_token)

    assert await refused(app, first.refresh_token, ELSEWHERE) == "INVALID_GRANT"

    assert await refused(app, second.refresh_token) == "INVALID_GRANT"
    assert not (await app.introspect(second.access_token)).active
    assert [one.reason for one in await auth.events(person.user.user_id, GrantRevoked)] == ["refresh_reuse"]


async def test_a_lost_answer_may_be_asked_for_again_within_the_grace(auth: House, app: App, person: SignedIn) -> None:
    first = await app.tokens(person)
    lost = await app.refresh(first.refresh_token)

    assert (await app.refresh(first.refresh_token)).refresh_token == lost.refresh_token

    await grace_is_over(auth, app)
    assert await refused(app, first.refresh_token) == "INVALID_GRANT"
    assert len(await auth.events(person.user.user_id, GrantRevoked)) == 1


async def test_twenty_refreshes_at_once_have_one_successor(app: App, person: SignedIn) -> None:
    first = await app.tokens(person)

    answers = await asyncio.gather(*(app.refresh(first.refresh_token) for _ in range(20)))

    assert len({one.refresh_token for one in answers}) == 1
    assert (await app.refresh(answers[0].refresh_token)).access_token


async def test_another_clients_token_is_not_taken_and_stays_good(auth: House, app: App, person: SignedIn) -> None:
    thief, first = await new_app(auth), await app.tokens(person)

    assert await refused(thief, first.refresh_token) == "INVALID_GRANT"

    assert (await app.refresh(first.refresh_token)).access_token


async def test_fewer_scopes_may_be_asked_for_and_no_more(app: App, person: SignedIn) -> None:
    first = await app.tokens(person, scope="openid media:read")

    assert await refused(app, first.refresh_token, scope="openid media:write") == "INVALID_SCOPE"

    less = await app.refresh(first.refresh_token, scope="media:read")
    assert (less.scope, less.HasField("id_token")) == ("media:read", False)
    assert (await app.refresh(less.refresh_token)).scope == "openid media:read"


async def test_what_the_app_may_not_ask_any_more_is_not_renewed(auth: House, app: App, person: SignedIn) -> None:
    first = await app.tokens(person, scope="openid media:read")
    request = pb.UpdateOAuthClientRequest(client_id=app.id, scopes=["openid"])
    await auth.call("UpdateOAuthClient", request, pb.OAuthClient, Visitor(token=app.admin.token))

    assert (await app.refresh(first.refresh_token)).scope == "openid"


@pytest.mark.parametrize(
    "suspend",
    [
        "UPDATE user_account SET is_active = FALSE WHERE user_id = :id",
        SUSPENDED,
        "DELETE FROM organization_member WHERE user_id = :id",
    ],
    ids=["person", "organization", "membership"],
)
async def test_who_may_not_act_gets_nothing_any_more(auth: House, app: App, person: SignedIn, suspend: str) -> None:
    first = await app.tokens(person)

    await auth.sql(suspend, id=person.user.user_id)

    assert await refused(app, first.refresh_token) == "INVALID_GRANT"
    assert not (await app.introspect(first.access_token)).active
    assert not (await app.introspect(first.refresh_token)).active


async def test_a_public_clients_tokens_are_rotated_too(public_app: App, person: SignedIn) -> None:
    first = await public_app.tokens(person)
    second = await public_app.refresh(first.refresh_token)

    assert await refused(public_app, first.refresh_token, ELSEWHERE) == "INVALID_GRANT"

    assert await refused(public_app, second.refresh_token) == "INVALID_GRANT"


async def test_an_app_acts_for_its_organization_in_its_makers_name(auth: House, app: App) -> None:
    answer = await app.token(grant_type="client_credentials")

    said = claims(answer.access_token)
    assert (said["uid"], said["sub"]) == (app.admin.user.user_id, app.admin.user.id)
    assert (answer.scope, said["scope"]) == ("media:read media:write", "media:read media:write")
    assert not answer.HasField("refresh_token")
    assert not answer.HasField("id_token")
    assert (await auth.events(app.admin.user.user_id, GrantStarted))[-1].grant_type == "client_credentials"


@pytest.mark.parametrize("scope", ["openid", "forum:read", "*", "media:read *"])
async def test_an_app_alone_gets_no_more_than_was_registered(app: App, scope: str) -> None:
    with pytest.raises(Refusal) as refusal:
        await app.token(grant_type="client_credentials", scope=scope)

    assert refusal.value.reason == "INVALID_SCOPE"


async def test_where_its_maker_may_not_act_the_app_may_not(auth: House, app: App) -> None:
    await auth.sql("UPDATE user_account SET is_active = FALSE WHERE user_id = :id", id=app.admin.user.user_id)

    with pytest.raises(Refusal) as refusal:
        await app.token(grant_type="client_credentials")

    assert refusal.value.reason == "INVALID_GRANT"


async def test_a_public_client_has_no_credentials(public_app: App) -> None:
    with pytest.raises(Refusal) as refusal:
        await public_app.token(grant_type="client_credentials")

    assert refusal.value.reason == "UNAUTHORIZED_CLIENT"
