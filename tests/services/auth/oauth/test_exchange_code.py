"""ExchangeToken with authorization codes."""

import asyncio

import jwt
import pytest
from orrery.auth.oauth.v1.events_pb2 import ClientRefused, GrantRefused, GrantRevoked, GrantStarted
from orrery.auth.sessions.v1.events_pb2 import CredentialsInvalidated
from orrery.auth.v1 import oauth_pb2 as pb
from orrery.auth.v1.accounts_pb2 import SignedIn

from libs.errors import Refusal
from services.auth.oauth.tokens import half_hash
from tests.services.auth.house import AUDIENCE, ISSUER, House, Visitor, claims
from tests.services.auth.oauth.flow import CALLBACK, App, new_app, parameters, verifier

PARALLEL = 20


async def test_a_code_gives_tokens_of_a_grant(auth: House, app: App, person: SignedIn) -> None:
    answer = await app.redeem(await app.code(person, scope="media:read openid", nonce="n"))

    said = claims(answer.access_token)
    assert jwt.get_unverified_header(answer.access_token)["typ"] == "at+jwt"
    assert (said["iss"], said["aud"], said["client_id"]) == (ISSUER, AUDIENCE, app.id)
    assert (said["sub"], said["uid"], said["adm"]) == (person.user.id, person.user.user_id, False)
    assert (said["scope"], answer.scope) == ("openid media:read", "openid media:read")
    assert (answer.token_type, answer.expires_in) == ("Bearer", 1800)
    grants = await auth.sql("SELECT id FROM oauth_grant WHERE client_id = :id", id=app.id)
    assert [str(row[0]) for row in grants] == [said["sid"]]
    assert (await auth.events(person.user.user_id, GrantStarted))[-1].grant_id == said["sid"]


async def test_the_id_token_says_who_when_and_how(app: App, person: SignedIn) -> None:
    answer = await app.redeem(await app.code(person, nonce="n-0S6"))

    said = claims(answer.id_token)
    assert jwt.get_unverified_header(answer.id_token)["typ"] == "JWT"
    assert (said["iss"], said["aud"], said["sub"], said["nonce"]) == (ISSUER, app.id, person.user.id, "n-0S6")
    assert said["at_hash"] == half_hash(answer.access_token)
    assert (said["amr"], said["auth_time"] <= said["iat"]) == (["pwd"], True)


async def test_without_openid_there_is_no_id_token(app: App, person: SignedIn) -> None:
    answer = await app.tokens(person, scope="media:read")

    assert not answer.HasField("id_token")


async def test_a_client_that_may_not_refresh_gets_no_refresh_token(auth: House, person: SignedIn) -> None:
    app = await new_app(auth, grant_types=["authorization_code"])

    assert not (await app.tokens(person)).HasField("refresh_token")


WRONG: dict[str, tuple[dict[str, str], str]] = {
    "another verifier": ({"code_verifier": verifier()}, "INVALID_GRANT"),
    "no verifier": ({"code_verifier": ""}, "INVALID_REQUEST"),
    "a short verifier": ({"code_verifier": "x" * 42}, "INVALID_REQUEST"),
    "a long verifier": ({"code_verifier": "x" * 129}, "INVALID_REQUEST"),
    "a verifier of other characters": ({"code_verifier": "é" * 43}, "INVALID_REQUEST"),
    "another uri": ({"redirect_uri": "https://app.example/other"}, "INVALID_GRANT"),
    "no uri": ({"redirect_uri": ""}, "INVALID_REQUEST"),
    "another code": ({"code": verifier()}, "INVALID_GRANT"),
    "no code": ({"code": ""}, "INVALID_REQUEST"),
    "no grant type": ({"grant_type": ""}, "INVALID_REQUEST"),
    "the password grant": ({"grant_type": "password"}, "UNSUPPORTED_GRANT_TYPE"),
    "the implicit grant": ({"grant_type": "implicit"}, "UNSUPPORTED_GRANT_TYPE"),
}


@pytest.mark.parametrize(("more", "reason"), WRONG.values(), ids=WRONG.keys())
async def test_a_wrong_request_is_refused_and_the_code_stays_good(
    app: App, person: SignedIn, more: dict[str, str], reason: str
) -> None:
    code = await app.code(person)

    with pytest.raises(Refusal) as refused:
        await app.redeem(code, **more)

    assert refused.value.reason == reason
    assert (await app.redeem(code)).access_token


async def test_the_challenge_is_no_verifier(auth: House, person: SignedIn) -> None:
    """A provider that took `plain` would take what the authorization request showed to everybody."""
    app = await new_app(auth)
    code = await app.code(person)

    with pytest.raises(Refusal):
        await app.redeem(code, code_verifier=app.request()["code_challenge"])


async def test_another_clients_code_is_not_taken_and_stays_good(auth: House, app: App, person: SignedIn) -> None:
    thief = await new_app(auth)
    code = await app.code(person)

    with pytest.raises(Refusal) as refused:
        await thief.redeem(code, code_verifier=app.verifier)

    assert refused.value.reason == "INVALID_GRANT"
    assert (await app.redeem(code)).access_token


async def test_a_code_is_good_for_a_minute(auth: House, app: App, person: SignedIn) -> None:
    code = await app.code(person)
    await auth.sql("UPDATE oauth_code SET expires_at = now() WHERE client_id = :id", id=app.id)

    with pytest.raises(Refusal) as refused:
        await app.redeem(code)

    assert refused.value.reason == "INVALID_GRANT"


async def test_a_code_that_comes_again_ends_what_it_gave(auth: House, app: App, person: SignedIn) -> None:
    code = await app.code(person)
    first = await app.redeem(code)

    with pytest.raises(Refusal) as refused:
        await app.redeem(code, code_verifier=verifier())

    sid = claims(first.access_token)["sid"]
    assert refused.value.reason == "INVALID_GRANT"
    assert not (await app.introspect(first.access_token)).active
    with pytest.raises(Refusal):
        await app.refresh(first.refresh_token)
    assert [one.reason for one in await auth.events(person.user.user_id, GrantRevoked)] == ["code_reuse"]
    assert [row.key for row in await auth.staged(CredentialsInvalidated)].count(sid) == 1
    assert [row.key for row in await auth.staged(GrantRefused)].count(app.id) == 2


async def test_of_twenty_at_once_one_gets_tokens_and_they_end(auth: House, app: App, person: SignedIn) -> None:
    """The other nineteen present a used code: RFC 6749 §4.1.2 has all that it gave revoked."""
    code = await app.code(person)

    answers = await asyncio.gather(*(app.redeem(code) for _ in range(PARALLEL)), return_exceptions=True)

    won = [one for one in answers if isinstance(one, pb.TokenAnswer)]
    lost = [one for one in answers if isinstance(one, Refusal)]
    assert (len(won), len(lost)) == (1, PARALLEL - 1)
    assert {one.reason for one in lost} == {"INVALID_GRANT"}
    assert not (await app.introspect(won[0].access_token)).active
    assert len(await auth.events(person.user.user_id, GrantStarted)) == 1
    assert len(await auth.events(person.user.user_id, GrantRevoked)) == 1


async def test_a_person_who_may_not_act_gets_no_tokens_and_the_code_waits(
    auth: House, app: App, person: SignedIn
) -> None:
    code = await app.code(person)
    await auth.sql("UPDATE user_account SET is_active = FALSE WHERE user_id = :id", id=person.user.user_id)

    with pytest.raises(Refusal) as refused:
        await app.redeem(code)

    await auth.sql("UPDATE user_account SET is_active = TRUE WHERE user_id = :id", id=person.user.user_id)
    assert refused.value.reason == "INVALID_GRANT"
    assert (await app.redeem(code)).access_token


async def test_a_public_client_needs_no_secret_but_its_verifier(public_app: App, person: SignedIn) -> None:
    code = await public_app.code(person)

    with pytest.raises(Refusal):
        await public_app.redeem(code, code_verifier=verifier())

    assert (await public_app.redeem(code)).refresh_token


def form(app: App, **more: str) -> list[pb.Parameter]:
    return parameters({"grant_type": "client_credentials", **more})


async def refused(auth: House, given: list[pb.Parameter], authorization: str = "") -> str:
    request = pb.ClientRequest(parameters=given, authorization=authorization)
    with pytest.raises(Refusal) as refusal:
        await auth.call("ExchangeToken", request, pb.TokenAnswer)
    return refusal.value.reason


async def test_a_client_proves_to_be_it(auth: House, app: App, public_app: App) -> None:
    good = app.client.client_secret
    tries: list[tuple[list[pb.Parameter], str, str]] = [
        (form(app), "", "INVALID_REQUEST"),
        (form(app, client_id=app.id), "", "INVALID_CLIENT"),
        (form(app, client_id=app.id, client_secret="wrong"), "", "INVALID_CLIENT"),
        (form(app, client_id=public_app.id, client_secret=good), "", "INVALID_CLIENT"),
        (form(app, client_id="nobody", client_secret=good), "", "INVALID_CLIENT"),
        (form(app), "Basic !!!", "INVALID_CLIENT"),
        (form(app), "Basic YWJj", "INVALID_CLIENT"),
        (form(app), "Bearer " + good, "INVALID_CLIENT"),
        (form(app, client_secret=good), app.authorization(), "INVALID_REQUEST"),
        (form(app, client_id=public_app.id), app.authorization(), "INVALID_REQUEST"),
        ([*form(app), *form(app)], app.authorization(), "INVALID_REQUEST"),
    ]

    assert [await refused(auth, given, header) for given, header, _ in tries] == [reason for _, _, reason in tries]
    assert await auth.staged(ClientRefused)


async def test_a_secret_may_come_in_the_form(auth: House, app: App) -> None:
    given = form(app, client_id=app.id, client_secret=app.client.client_secret)

    answer = await auth.call("ExchangeToken", pb.ClientRequest(parameters=given), pb.TokenAnswer)

    assert answer.access_token


async def test_a_rotated_secret_ends_the_old_one(auth: House, app: App) -> None:
    old = app.authorization()
    request = pb.RotateOAuthClientSecretRequest(client_id=app.id)
    visitor = Visitor(token=app.admin.token)
    app.client = await auth.call("RotateOAuthClientSecret", request, pb.OAuthClient, visitor)

    assert await refused(auth, form(app), old) == "INVALID_CLIENT"
    assert (await app.token(grant_type="client_credentials")).access_token


async def test_no_uri_is_taken_for_another_of_the_same_client(auth: House, person: SignedIn) -> None:
    other = "https://app.example/other"
    app = await new_app(auth, redirect_uris=[CALLBACK, other])
    code = await app.code(person)

    with pytest.raises(Refusal):
        await app.redeem(code, redirect_uri=other)
