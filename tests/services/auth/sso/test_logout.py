"""Sessions end here and at the issuer, whichever is asked first."""

import asyncio
import time
import uuid
from typing import Any
from urllib.parse import parse_qs, urlsplit

import jwt
import pytest
from orrery.auth.sessions.v1.events_pb2 import CredentialsInvalidated, SessionRevoked
from orrery.auth.sso.v1.events_pb2 import SsoLogoutReceived
from orrery.auth.v1 import sso_pb2 as pb
from orrery.auth.v1.sessions_pb2 import LogoutRequest, LogoutResponse, TokenPair

from libs.errors import Invalid, NotFound, Refusal, Unauthenticated
from tests.services.auth.house import VISITOR, House, Visitor, claims
from tests.services.auth.sso.issuer import CLIENT, LOGOUT, Claims
from tests.services.auth.sso.journey import APP, LANDING, Journey, person


def parameters(url: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}


async def is_over(sso: House, pair: TokenPair) -> bool:
    try:
        await sso.refresh(pair.refresh_token)
    except Unauthenticated:
        return True
    return False


async def reasons(sso: House, pair: TokenPair) -> list[str]:
    told = await sso.events(claims(pair.access_token)["uid"], SessionRevoked)
    return [one.reason for one in told]


async def leave(journey: Journey, visitor: Visitor = VISITOR, **more: str) -> str:
    asked = pb.BeginSsoLogoutRequest(provider=journey.provider, **more)
    return (await journey.house.call("BeginSsoLogout", asked, pb.SsoRedirect, visitor)).location


async def test_logging_out_tells_where_the_issuers_session_is_ended(journey: Journey, sso: House) -> None:
    who = person()
    pair = await journey.enter(**who)

    answer = await sso.call("Logout", LogoutRequest(refresh_token=pair.refresh_token), LogoutResponse)

    assert answer.end_session_url.startswith(f"{journey.issuer.url}/logout?")
    told = parameters(answer.end_session_url)
    assert (told["client_id"], told["post_logout_redirect_uri"]) == (CLIENT, LANDING)
    hint = jwt.decode(told["id_token_hint"], options={"verify_signature": False})
    assert (hint["iss"], hint["sub"]) == (journey.issuer.url, who["sub"])
    assert await is_over(sso, pair)


async def test_logging_out_of_any_other_session_tells_of_no_issuer(sso: House) -> None:
    made = await sso.register()

    answer = await sso.call("Logout", LogoutRequest(refresh_token=made.refresh_token), LogoutResponse)

    assert not answer.HasField("end_session_url")


async def test_the_id_token_is_kept_sealed(journey: Journey, sso: House) -> None:
    pair = await journey.enter(**person())

    (row,) = await sso.sql(
        "SELECT id_token FROM sso_session WHERE session_id = :id", id=claims(pair.access_token)["sid"]
    )

    assert b"eyJ" not in bytes(row.id_token)


async def test_a_browser_is_sent_to_the_issuers_logout_and_its_session_ends(journey: Journey, sso: House) -> None:
    pair = await journey.enter(**person())

    location = await leave(journey, Visitor(token=pair.access_token), redirect_uri=APP)

    told = parameters(location)
    assert told["post_logout_redirect_uri"] == APP
    assert "id_token_hint" in told
    assert await is_over(sso, pair)
    assert await reasons(sso, pair) == ["logout"]


async def test_a_browser_that_shows_no_session_is_sent_there_too(journey: Journey) -> None:
    told = parameters(await leave(journey))

    assert told == {"client_id": CLIENT, "post_logout_redirect_uri": LANDING}


async def test_no_logout_leads_where_the_settings_do_not_say(journey: Journey, sso: House) -> None:
    pair = await journey.enter(**person())

    with pytest.raises(Invalid):
        await leave(journey, Visitor(token=pair.access_token), redirect_uri="https://evil.example/")

    assert not await is_over(sso, pair)


async def test_a_session_of_another_provider_gives_this_one_no_token(journey: Journey, sso: House) -> None:
    made = await sso.register()

    assert "id_token_hint" not in parameters(await leave(journey, Visitor(token=made.token)))


async def test_an_issuer_without_logout_leaves_the_browser_with_the_app(journey: Journey) -> None:
    issuer = sso_issuer(journey)
    kept, issuer._metadata = (
        issuer._metadata,
        (await issuer.metadata()).model_copy(update={"end_session_endpoint": None}),
    )
    try:
        assert await leave(journey) == LANDING
    finally:
        issuer._metadata = kept


def sso_issuer(journey: Journey) -> Any:
    assert journey.house.trusted
    return journey.house.trusted.issuers["acme"]


async def test_an_issuers_logout_ends_the_session_that_it_names(journey: Journey, sso: House) -> None:
    who = person()
    one = await journey.enter(**who, sid="phone")
    two = await journey.enter(**who, sid="laptop")
    stranger = await journey.enter(**person(sid="phone"))

    assert await journey.log_out(sub=who["sub"], sid="phone") == 1

    assert (await is_over(sso, one), await is_over(sso, two), await is_over(sso, stranger)) == (True, False, False)
    assert await reasons(sso, one) == ["sso_logout"]
    (told,) = await sso.events(claims(one.access_token)["uid"], SsoLogoutReceived)
    assert (told.provider, told.ended) == ("acme", 1)


async def test_a_logout_may_name_the_session_alone(journey: Journey, sso: House) -> None:
    sid = uuid.uuid4().hex
    pair = await journey.enter(**person(sid=sid))

    assert await journey.log_out(sid=sid) == 1
    assert await is_over(sso, pair)


async def test_a_logout_may_name_the_subject_alone_and_ends_all_of_theirs(journey: Journey, sso: House) -> None:
    who = person()
    pairs = [await journey.enter(**who, sid=sid) for sid in ("phone", "laptop")]

    assert await journey.log_out(sub=who["sub"]) == 2
    assert [await is_over(sso, one) for one in pairs] == [True, True]


async def test_a_logout_does_not_touch_sessions_that_began_otherwise(journey: Journey, sso: House) -> None:
    made = await sso.register()
    await sso.sql("UPDATE user_account SET email_verified_at = now() WHERE user_id = :id", id=made.user.user_id)
    who = person(email=made.user.email)
    await journey.enter(**who)

    assert await journey.log_out(sub=who["sub"]) == 1
    assert await sso.refresh(made.refresh_token)


async def test_a_logout_ends_a_sign_in_that_waits_for_its_app(journey: Journey) -> None:
    who = person(sid=uuid.uuid4().hex)
    told = await journey.through(**who)

    await journey.log_out(sub=who["sub"], sid=who["sid"])

    with pytest.raises(Unauthenticated):
        await journey.exchange(told["code"])


async def test_a_logout_token_is_used_once_and_ends_nothing_that_began_later(journey: Journey, sso: House) -> None:
    who = person()
    await journey.enter(**who)
    token = journey.issuer.logout_token(sub=who["sub"])

    ended = await asyncio.gather(*(journey.log_out(token=token) for _ in range(5)))
    again = await journey.enter(**who)

    assert sorted(ended) == [0, 0, 0, 0, 1]
    assert await journey.log_out(token=token) == 0
    assert not await is_over(sso, again)


async def test_gateways_forget_the_account_of_a_bearer(journey: Journey, sso: House) -> None:
    who = person()
    pair = await journey.enter(**who)
    said = claims(pair.access_token)

    await journey.log_out(sub=who["sub"])

    news = [CredentialsInvalidated.FromString(row.payload) for row in await sso.staged(CredentialsInvalidated)]
    assert ("account", said["sub"]) in {(one.kind, one.id) for one in news}


async def test_a_logout_of_somebody_unknown_ends_nothing(journey: Journey) -> None:
    assert await journey.log_out(sub=uuid.uuid4().hex) == 0
    assert await journey.log_out(sid=uuid.uuid4().hex) == 0


WRONG: dict[str, Claims] = {
    "neither subject nor session": {},
    "a nonce": {"sub": "x", "nonce": "n"},
    "a nonce that is null": {"sub": "x", "nonce": ""},
    "no events": {"sub": "x", "events": None},
    "events of another kind": {"sub": "x", "events": {"http://schemas.openid.net/event/other": {}}},
    "events as a list": {"sub": "x", "events": [LOGOUT]},
    "an event that is no object": {"sub": "x", "events": {LOGOUT: "yes"}},
    "no id": {"sub": "x", "jti": None},
    "another audience": {"sub": "x", "aud": "another"},
    "another issuer": {"sub": "x", "iss": "https://evil.example"},
    "expired": {"sub": "x", "exp": int(time.time()) - 1},
    "no expiry": {"sub": "x", "exp": None},
    "made an hour ago": {"sub": "x", "iat": int(time.time()) - 3600},
    "an empty session": {"sid": ""},
    "a subject that is a list": {"sub": ["x"]},
}


@pytest.mark.parametrize("wrong", WRONG.values(), ids=WRONG.keys())
async def test_a_logout_token_that_is_wrong(journey: Journey, wrong: Claims) -> None:
    with pytest.raises(Unauthenticated) as refused:
        await journey.log_out(**wrong)

    assert refused.value.reason == "SSO_LOGOUT_REFUSED"


async def test_no_other_token_passes_for_a_logout(journey: Journey, sso: House) -> None:
    who = person()
    pair = await journey.enter(**who)
    issuer = journey.issuer
    now = {"sub": who["sub"], "aud": CLIENT}
    for token in (issuer.signed(issuer.said({**now, "nonce": "n"})), issuer.access_token(**now), pair.access_token, ""):
        with pytest.raises(Refusal):
            await journey.log_out(token=token or "x")

    assert not await is_over(sso, pair)


async def test_a_logout_of_an_unknown_provider(journey: Journey) -> None:
    with pytest.raises(NotFound):
        await journey.at("nobody").log_out(sub="x")
