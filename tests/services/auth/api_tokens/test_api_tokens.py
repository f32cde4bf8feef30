"""ApiTokensService."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from orrery.auth.api_tokens.v1.events_pb2 import ApiTokenIssued, ApiTokenRefused, ApiTokenRevoked
from orrery.auth.sessions.v1.events_pb2 import CredentialsInvalidated
from orrery.auth.v1 import api_tokens_pb2 as pb
from orrery.identity.v1.identity_pb2 import Credential, Grant, Identity

from libs.errors import Conflict, Forbidden, Invalid, NotFound, Refusal
from libs.rpc import Passage
from libs.rpc.credentials import has_shape, hashed, is_mistyped
from libs.rpc.scopes import SCOPES
from services.auth.api_tokens.operations import MOST
from services.auth.sessions.sweep import Sweep
from tests.services.auth.api_tokens.people import HOUR, person
from tests.services.auth.house import House


async def test_a_token_is_answered_once_and_kept_as_a_hash(auth: House) -> None:
    ada = await person(auth)

    made = await ada.issue("media:read", "profile:read")

    assert has_shape(made.token)
    assert not is_mistyped(made.token)
    rows = await auth.sql("SELECT * FROM api_token WHERE token_id = :id", id=made.token_id)
    assert rows[0].token == hashed(made.token).hex()
    assert made.token not in str(rows[0])
    assert str(rows[0].organization_id) == ada.organization_id
    expected = datetime.now(UTC) + timedelta(seconds=HOUR)
    assert abs(datetime.fromisoformat(made.expires_at) - expected) < timedelta(minutes=1)
    assert await ada.tokens() == [
        pb.ApiToken(
            token_id=made.token_id,
            scope=["media:read", "profile:read"],
            expires_at=made.expires_at,
            issued_at=(await ada.tokens())[0].issued_at,
        )
    ]


async def test_the_fleet_hears_of_a_token_but_not_its_value(auth: House) -> None:
    ada = await person(auth)

    made = await ada.issue("media:read")

    assert await auth.events(ada.user_id, ApiTokenIssued) == [
        ApiTokenIssued(user_id=ada.user_id, token_id=made.token_id, scopes=["media:read"], expires_at=made.expires_at)
    ]


@pytest.mark.parametrize(
    "scopes",
    [["media:destroy"], ["*"], [""], ["media:read", "Media:read"], ["media:read\0"], ["\uff4dedia:read"]],
)
async def test_an_unknown_scope_is_refused(auth: House, scopes: list[str]) -> None:
    ada = await person(auth)

    with pytest.raises(Invalid) as refused:
        await ada.issue(*scopes)

    assert refused.value.violations[-1].code == "unknown_scope"
    assert await ada.tokens() == []


async def test_without_scopes_there_is_no_token(auth: House) -> None:
    ada = await person(auth)
    request = pb.CreateApiTokenRequest(expires_in=HOUR)

    with pytest.raises(Invalid):
        await auth.call("CreateApiToken", request, pb.IssuedApiToken, ada.visitor)


async def test_a_scope_named_twice_counts_once_and_all_may_be_asked(auth: House) -> None:
    ada = await person(auth)

    await ada.issue("media:read", "media:read")
    await ada.issue(*sorted(SCOPES))

    assert [len(one.scope) for one in await ada.tokens()] == [len(SCOPES), 1]


@pytest.mark.parametrize("seconds", [-1, 0, 59, 31_536_001, 2**62])
async def test_a_token_lives_from_a_minute_to_a_year(auth: House, seconds: int) -> None:
    ada = await person(auth)

    with pytest.raises(Invalid) as refused:
        await ada.issue(expires_in=seconds)

    assert [one.field for one in refused.value.violations] == ["expiresIn"]


@pytest.mark.parametrize(
    ("limits", "scope", "is_held"),
    [
        ({"scopes": ["media:read"]}, "media:read", True),
        ({"scopes": ["media:read"]}, "media:write", False),
        ({"scopes": ["*"], "grants": [Grant(resource="media", actions=["read"])]}, "media:read", True),
        ({"scopes": ["*"], "grants": [Grant(resource="media", actions=["read"])]}, "media:write", False),
        ({"scopes": ["*"], "grants": [Grant(resource="*", actions=["read", "delete"])]}, "forum:write", True),
        ({"scopes": ["*"], "grants": [Grant(resource="users", actions=["read"])]}, "organizations:read", True),
        ({"scopes": ["*"], "grants": [Grant(resource="users", actions=["read"])]}, "media:read", False),
    ],
)
async def test_nobody_hands_on_a_scope_that_they_lack(
    auth: House, limits: dict[str, list[object]], scope: str, is_held: bool
) -> None:
    ada = await person(auth)
    identity = ada.visitor.identity()
    for field in ("scopes", "grants"):
        identity.ClearField(field)
    identity.MergeFrom(Identity(**limits))  # type: ignore[arg-type]  # as parametrized
    request = pb.CreateApiTokenRequest(scope=[scope], expires_in=HOUR)

    call = auth.calls["CreateApiToken"](request, Passage(auth.signer.sign(identity)))

    if is_held:
        assert isinstance(await call, pb.IssuedApiToken)
        return
    with pytest.raises(Forbidden) as refused:
        await call
    assert refused.value.reason == "SCOPE_NOT_HELD"
    told = await auth.events(ada.user_id, ApiTokenRefused)
    assert [one.reason for one in told] == ["scope_not_held"]


async def test_of_many_at_once_no_more_are_issued_than_allowed(auth: House) -> None:
    ada = await person(auth)
    for _ in range(MOST - 2):
        await ada.issue()

    answers = await asyncio.gather(*(ada.issue() for _ in range(8)), return_exceptions=True)

    refused = [one for one in answers if isinstance(one, Refusal)]
    assert len(answers) - len(refused) == 2
    assert {one.reason for one in refused} == {"TOO_MANY_TOKENS"}
    assert all(isinstance(one, Conflict) for one in refused)


async def test_what_has_ended_makes_room(auth: House) -> None:
    ada = await person(auth)
    made = [await ada.issue() for _ in range(MOST)]

    await ada.revoke(made[0].token_id)

    assert (await ada.issue()).token


async def test_revoking_is_told_once_however_often_it_is_asked(auth: House) -> None:
    ada = await person(auth)
    made = await ada.issue()

    answers = await asyncio.gather(*(ada.revoke(made.token_id) for _ in range(8)))

    assert answers == [True] * 8
    assert [one.revoked for one in await ada.tokens()] == [True]
    assert await auth.events(ada.user_id, ApiTokenRevoked) == [
        ApiTokenRevoked(user_id=ada.user_id, token_id=made.token_id, reason="owner")
    ]
    staged = [CredentialsInvalidated.FromString(row.payload) for row in await auth.staged(CredentialsInvalidated)]
    told = [one for one in staged if (one.kind, one.id) == ("api_token", str(made.token_id))]
    assert [one.user_id for one in told] == [ada.user_id]


async def test_anothers_token_is_not_there(auth: House) -> None:
    ada, bob = await person(auth), await person(auth)
    made = await ada.issue()

    with pytest.raises(NotFound) as refused:
        await bob.revoke(made.token_id)

    assert refused.value.reason == "API_TOKEN_NOT_FOUND"
    assert await bob.tokens() == []
    assert [one.revoked for one in await ada.tokens()] == [False]


async def test_the_list_has_pages_with_the_newest_first(auth: House) -> None:
    ada = await person(auth)
    made = [(await ada.issue()).token_id for _ in range(5)]

    assert [one.token_id for one in await ada.tokens()] == made[::-1]
    assert [one.token_id for one in await ada.tokens(limit=2, offset=1)] == made[::-1][1:3]


@pytest.mark.parametrize("credential", ["CREDENTIAL_API_TOKEN", "CREDENTIAL_API_KEY", "CREDENTIAL_OAUTH"])
async def test_only_a_session_manages_tokens(auth: House, credential: str) -> None:
    ada = await person(auth)
    identity = ada.visitor.identity()
    identity.credential = Credential.Value(credential)

    for method, request in (
        ("CreateApiToken", pb.CreateApiTokenRequest(scope=["media:read"], expires_in=HOUR)),
        ("ListApiTokens", pb.ListApiTokensRequest()),
        ("RevokeApiToken", pb.RevokeApiTokenRequest(token_id=1)),
    ):
        with pytest.raises(Forbidden) as refused:
            await auth.calls[method](request, Passage(auth.signer.sign(identity)))
        assert refused.value.reason == "SESSION_REQUIRED"


async def test_a_token_is_listed_for_a_while_after_its_end_and_then_forgotten(auth: House) -> None:
    ada = await person(auth)
    kept, gone = await ada.issue(), await ada.issue()
    for token, days in ((kept, 89), (gone, 91)):
        await auth.sql(
            "UPDATE api_token SET expires_at = now() - make_interval(days => :days) WHERE token_id = :id",
            days=days,
            id=token.token_id,
        )

    await Sweep(auth.database).batch()

    assert [one.token_id for one in await ada.tokens()] == [kept.token_id]
