"""Signing in through an issuer, from the first redirect to the tokens."""

import asyncio
from pathlib import Path

import pytest
from orrery.auth.sessions.v1.events_pb2 import SessionStarted
from orrery.auth.sso.v1.events_pb2 import SsoIdentityLinked, SsoSignedIn
from orrery.auth.v1 import sso_pb2 as pb

from libs.errors import Invalid, NotFound, Refusal, Unauthenticated, Unavailable
from libs.settings import DatabaseSettings
from services.auth.sso.provider import SsoSettings
from tests.services.auth.house import House, claims, open_house
from tests.services.auth.sso.conftest import provider
from tests.services.auth.sso.issuer import Issuer, running
from tests.services.auth.sso.journey import APP, LANDING, Journey, person, refusals


async def test_providers_are_listed_without_their_secrets(sso: House) -> None:
    found = await sso.call("ListSsoProviders", pb.ListSsoProvidersRequest(), pb.SsoProviders)

    assert [(one.name, one.display_name) for one in found.providers][:2] == [("acme", "Acme Inc."), ("other", "other")]


async def test_somebody_new_gets_an_account_in_the_providers_organization(journey: Journey, sso: House) -> None:
    who = person()

    pair = await journey.enter(**who)

    me = await sso.me(pair.access_token)
    assert (me.username, me.email, me.display_name) == (who["preferred_username"], who["email"], "Ada Lovelace")
    said = claims(pair.access_token)
    assert said["roles"] == ["OPERATOR"]
    (row,) = await sso.sql("SELECT slug FROM organization WHERE id = :id", id=said["org"])
    assert row.slug == "acme"
    (linked,) = await sso.events(me.user_id, SsoIdentityLinked)
    assert (linked.provider, linked.subject, linked.is_new_account) == ("acme", who["sub"], True)
    (signed_in,) = await sso.events(me.user_id, SsoSignedIn)
    assert (signed_in.session_id, list(signed_in.amr)) == (said["sid"], ["pwd", "otp"])
    assert len(await sso.events(me.user_id, SessionStarted)) == 1


async def test_the_same_subject_is_the_same_account_whatever_else_it_says(journey: Journey, sso: House) -> None:
    who = person()
    first = await sso.me((await journey.enter(**who)).access_token)

    again = await sso.me((await journey.enter(**person(sub=who["sub"]))).access_token)

    assert again == first


async def test_the_tokens_of_a_sign_in_are_renewed_like_any_others(journey: Journey, sso: House) -> None:
    pair = await journey.enter(**person())

    assert (await sso.refresh(pair.refresh_token)).access_token


async def test_an_account_of_an_issuer_has_no_password(journey: Journey, sso: House) -> None:
    who = person()
    await journey.enter(**who)

    for password in ("", "!", "null"):
        with pytest.raises(Refusal):
            await sso.login(username=who["preferred_username"], password=password)


async def test_the_browser_comes_back_to_the_app_with_its_state(journey: Journey) -> None:
    told = await journey.through(begin={"state": "of the app / ü?".encode("ascii", "ignore").decode()}, **person())

    assert told["to"] == "https://app.example.com/signed-in"
    assert (told["from"], told["state"]) == ("orrery", "of the app / ?")


async def test_without_a_redirect_uri_the_landing_page_has_the_code(journey: Journey, sso: House) -> None:
    asked = pb.BeginSsoSignInRequest(provider="acme")
    begun = await sso.call("BeginSsoSignIn", asked, pb.SsoSignIn)

    told = await journey.finish(begun, journey.issuer.authorize(begun.authorization_url, **person()))

    assert told["to"] == LANDING
    assert await journey.exchange(told["code"])


@pytest.mark.parametrize(
    "target",
    [
        "https://app.example.com/signed-in",
        "https://app.example.com/signed-in?from=orrery&x=1",
        "https://app.example.com/signed-in?from=orrery#x",
        "HTTPS://app.example.com/signed-in?from=orrery",
        "https://app.example.com:443/signed-in?from=orrery",
        "https://app.example.com/../signed-in?from=orrery",
        "https://app.example.com@evil.example/signed-in?from=orrery",
        "//app.example.com/signed-in?from=orrery",
        "javascript:alert(1)",
        "com.example.app:/signed-in/",
        APP + "\n",
        "",
    ],
)
async def test_nobody_is_sent_where_the_settings_do_not_say(journey: Journey, target: str) -> None:
    with pytest.raises(Invalid) as refused:
        await journey.begin(redirect_uri=target)

    assert [one.field for one in refused.value.violations] == ["redirect_uri"]


@pytest.mark.parametrize("wrong", [{"state": "\0"}, {"state": "x" * 513}, {"state": ""}, {"code_challenge": "short"}])
async def test_what_the_app_gives_must_fit(journey: Journey, wrong: dict[str, str]) -> None:
    with pytest.raises(Invalid):
        await journey.begin(**wrong)


@pytest.mark.parametrize("name", ["nobody", "", "acme/../other", "ACME", "\0"])
async def test_an_unknown_provider_is_not_there(journey: Journey, name: str) -> None:
    with pytest.raises(NotFound) as refused:
        await journey.at(name).begin()

    assert refused.value.reason == "SSO_PROVIDER_UNKNOWN"


async def test_an_issuer_that_is_away_is_said_to_be(journey: Journey) -> None:
    with pytest.raises(Unavailable) as refused:
        await journey.at("away").begin()

    assert refused.value.reason == "SSO_ISSUER_AWAY"


async def test_state_nonce_and_verifier_are_new_each_time(journey: Journey) -> None:
    begun = [await journey.begin() for _ in range(3)]

    assert len({one.state for one in begun}) == len({one.browser_secret for one in begun}) == 3
    assert len({one.authorization_url for one in begun}) == 3
    for one in begun:
        assert one.browser_secret not in one.authorization_url
        assert one.expires_in == 600


async def test_the_database_holds_nothing_that_finishes_a_sign_in(journey: Journey, sso: House) -> None:
    begun = await journey.begin()
    told = await journey.through(**person())

    held = str(await sso.sql("SELECT * FROM sso_flow")) + str(await sso.sql("SELECT * FROM sso_code"))

    assert begun.state not in held
    assert begun.browser_secret not in held
    assert told["code"] not in held


async def test_a_state_is_good_once_even_when_it_comes_twice_at_once(journey: Journey, sso: House) -> None:
    begun = await journey.begin()
    answers = [journey.issuer.authorize(begun.authorization_url, **person()) for _ in range(5)]

    done = await asyncio.gather(*(journey.finish(begun, one) for one in answers), return_exceptions=True)

    assert len([one for one in done if isinstance(one, dict)]) == 1
    assert {one.reason for one in done if isinstance(one, Refusal)} == {"SSO_STATE_REFUSED"}
    assert "SSO_STATE_REFUSED" in await refusals(sso)


async def test_another_browser_cannot_finish_a_sign_in_and_does_not_spoil_it(journey: Journey) -> None:
    begun, anothers = await journey.begin(), await journey.begin()
    answer = journey.issuer.authorize(begun.authorization_url, **person())

    for secret in (anothers.browser_secret, "", "x" * 43):
        with pytest.raises(Unauthenticated) as refused:
            await journey.finish(pb.SsoSignIn(browser_secret=secret), answer)
        assert refused.value.reason == "SSO_STATE_REFUSED"

    assert "code" in await journey.finish(begun, answer)


async def test_a_sign_in_takes_ten_minutes_at_most(journey: Journey, sso: House) -> None:
    begun = await journey.begin()
    answer = journey.issuer.authorize(begun.authorization_url, **person())
    await sso.sql("UPDATE sso_flow SET expires_at = now()")

    with pytest.raises(Unauthenticated):
        await journey.finish(begun, answer)


async def test_an_answer_cannot_be_brought_to_another_provider(journey: Journey, other: Issuer) -> None:
    begun = await journey.begin()
    answer = journey.issuer.authorize(begun.authorization_url, **person())

    with pytest.raises(Unauthenticated):
        await journey.at("other", other).finish(begun, answer)


@pytest.mark.parametrize("iss", [None, "", "https://evil.example", "{url}/", "{url}\0"])
async def test_an_answer_of_another_issuer_is_refused_before_its_code_goes_anywhere(
    journey: Journey, iss: str | None
) -> None:
    begun = await journey.begin()
    answer = journey.issuer.authorize(begun.authorization_url, **person())
    answer.pop("iss")
    if iss is not None:
        answer["iss"] = iss.format(url=journey.issuer.url)

    told = await journey.finish(begun, answer)

    assert (told["error"], told["error_reason"]) == ("server_error", "SSO_ANSWER_REFUSED")
    assert "/token" not in journey.issuer.hits


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        ("access_denied", "access_denied"),
        ("login_required", "access_denied"),
        ("temporarily_unavailable", "temporarily_unavailable"),
        ("server_error", "temporarily_unavailable"),
        ("<script>alert(1)</script>", "access_denied"),
    ],
)
async def test_the_issuers_refusal_reaches_the_app_in_our_words(journey: Journey, error: str, expected: str) -> None:
    begun = await journey.begin(state="mine")
    answer = journey.issuer.authorize(begun.authorization_url)

    told = await journey.finish(begun, {"state": answer["state"], "iss": answer["iss"], "error": error})

    assert (told["error"], told["state"]) == (expected, "mine")
    assert "alert" not in str(told)


async def test_a_code_that_the_issuer_does_not_know_is_no_sign_in(journey: Journey) -> None:
    begun = await journey.begin()
    answer = journey.issuer.authorize(begun.authorization_url, **person())

    told = await journey.finish(begun, {**answer, "code": "forged"})

    assert told["error_reason"] == "SSO_ANSWER_REFUSED"


async def test_a_code_of_another_sign_in_fails_at_the_issuer_for_its_verifier(journey: Journey) -> None:
    victims, own = await journey.begin(), await journey.begin()
    stolen = journey.issuer.authorize(victims.authorization_url, **person())
    answer = journey.issuer.authorize(own.authorization_url, **person())

    told = await journey.finish(own, {**answer, "code": stolen["code"]})

    assert told["error_reason"] == "SSO_ANSWER_REFUSED"


@pytest.mark.parametrize(("methods", "is_basic"), [(["client_secret_basic"], True), (["client_secret_post"], False)])
async def test_the_client_proves_itself_as_the_issuer_takes_it(
    settings: DatabaseSettings, tmp_path: Path, methods: list[str], is_basic: bool
) -> None:
    async with running() as issuer:
        issuer.metadata = {"token_endpoint_auth_methods_supported": methods}
        trusted = SsoSettings(providers=(provider("acme", issuer.url, default_role="ADMIN"),), landing_url=LANDING)
        async with open_house(settings, tmp_path, sso=trusted) as house:
            begun = await house.call("BeginSsoSignIn", pb.BeginSsoSignInRequest(provider="acme"), pb.SsoSignIn)
            told = await Journey(house, issuer).finish(begun, issuer.authorize(begun.authorization_url, **person()))

        assert "code" in told
        assert issuer.authorization.startswith("Basic ") is is_basic


async def test_what_has_expired_is_cleared_away(journey: Journey, sso: House) -> None:
    await journey.begin()
    await sso.sql("UPDATE sso_flow SET expires_at = now() - interval '1 second'")

    await journey.begin()

    (row,) = await sso.sql("SELECT count(*) AS n FROM sso_flow")
    assert row.n == 1
