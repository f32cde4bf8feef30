"""API tokens and keys at the gateway: asked of auth, kept for a while, dropped when told."""

import asyncio
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from orrery.auth.v1 import api_keys_pb2
from orrery.auth.v1 import credentials_pb2 as pb
from orrery.identity.v1.identity_pb2 import Grant

from gateway.identity.guesses import MOST
from gateway.identity.refusals import (
    AddressRefused,
    CredentialMistyped,
    CredentialsAway,
    CredentialUnknown,
    OriginRefused,
    SignatureMissing,
    TooManyGuesses,
)
from gateway.limits.rates import Rate
from libs.rpc.access import ActionMissing, ScopeMissing, SessionRequired
from libs.rpc.credentials import LIVE, TOKEN, hashed, make
from libs.rpc.identity import Verifier
from tests.gateway.identity.ledger import ANYONE, ORGANIZATION, OTHER, PEER, READER, SESSION, WRITER, Scene


@pytest.fixture
async def scene(tmp_path: Path) -> AsyncIterator[Scene]:
    made = Scene(tmp_path)
    await made.server.start()
    yield made
    await made.client.close()
    await made.server.stop(0)


async def test_services_are_told_whose_the_key_is_and_what_it_may(scene: Scene) -> None:
    value = scene.issue()

    admission = await scene.authenticator.admit(PEER, [(b"x-api-key", value.encode())], READER)

    signed = Verifier([scene.public]).verify(admission.signed)
    assert (signed.user_id, signed.organization_id, signed.address) == (7, ORGANIZATION, PEER)
    assert list(signed.grants) == [Grant(resource="media", actions=["read"])]
    assert signed.credential_id == "id-0"


async def test_an_action_that_the_key_lacks_is_forbidden_though_it_has_the_scope(scene: Scene) -> None:
    key, token = scene.issue(), scene.issue(TOKEN)

    with pytest.raises(ActionMissing):
        await scene.admit(key, WRITER)
    with pytest.raises(ScopeMissing):
        await scene.admit(token, WRITER)


@pytest.mark.parametrize("prefix", [TOKEN, LIVE])
async def test_credentials_are_managed_in_a_session_only(scene: Scene, prefix: str) -> None:
    with pytest.raises(SessionRequired):
        await scene.admit(scene.issue(prefix), SESSION)


@pytest.mark.parametrize("prefix", [TOKEN, LIVE])
async def test_a_hot_credential_is_asked_for_once_from_everywhere(scene: Scene, prefix: str) -> None:
    value = scene.issue(prefix)

    await asyncio.gather(*(scene.admit(value, peer=f"203.0.113.{at}") for at in range(20)))
    await scene.admit(value, agent=b"another")

    assert scene.times(value) == 1


async def test_callers_from_two_places_are_told_apart(scene: Scene) -> None:
    value = scene.issue()

    assert [(await scene.admit(value, peer=peer)).address for peer in (PEER, OTHER, PEER)] == [PEER, OTHER, PEER]


@pytest.mark.parametrize("name", ["api_key:id-0", f"organization:{ORGANIZATION}", f"membership:{ORGANIZATION}:7"])
async def test_news_of_what_a_key_stands_on_drop_it_at_once(scene: Scene, name: str) -> None:
    value = scene.issue()
    await scene.admit(value)
    scene.ledger.known[hashed(value)] = pb.Identified(refusal="revoked")

    scene.hear(name)

    with pytest.raises(CredentialUnknown):
        await scene.admit(value)
    with pytest.raises(CredentialUnknown):
        await scene.admit(value, peer=OTHER)


async def test_a_key_that_is_over_costs_auth_no_more_than_an_unknown_one(scene: Scene) -> None:
    value = scene.issue()
    await scene.admit(value)
    scene.ledger.known[hashed(value)] = pb.Identified(refusal="revoked")
    scene.hear("api_key:id-0")

    for _ in range(5):
        with pytest.raises(CredentialUnknown):
            await scene.admit(value)

    assert scene.times(value) == 2


async def test_news_of_another_key_change_nothing(scene: Scene) -> None:
    value = scene.issue()
    await scene.admit(value)

    scene.hear("api_key:id-99")
    await scene.admit(value)

    assert scene.times(value) == 1


async def test_an_answer_from_before_the_news_is_not_believed(scene: Scene) -> None:
    value = scene.issue()
    scene.ledger.open.clear()
    asking = asyncio.create_task(scene.admit(value))
    await scene.ledger.heard.wait()

    scene.ledger.known[hashed(value)] = pb.Identified(refusal="revoked")
    scene.hear("api_key:id-0")
    scene.ledger.open.set()

    with pytest.raises(CredentialUnknown):
        await asking
    assert scene.times(value) == 2


async def test_a_typing_error_is_noticed_without_asking(scene: Scene) -> None:
    value = scene.issue()
    wrong = value[:-10] + ("A" if value[-10] != "A" else "B") + value[-9:]

    with pytest.raises(CredentialMistyped):
        await scene.admit(wrong)

    assert scene.ledger.asked == {}


@pytest.mark.parametrize(
    "value",
    ["pk_live_short", "sk_live_" + "a" * 49, make(TOKEN).replace("ot_", "pk_live_")[:-1]],
    ids=["short", "another prefix", "a token's end missing"],
)
async def test_what_looks_like_none_of_ours_is_not_asked_for(scene: Scene, value: str) -> None:
    with pytest.raises(CredentialUnknown):
        await scene.admit(value)

    assert scene.ledger.asked == {}


async def test_a_token_is_no_key_and_a_key_no_token(scene: Scene) -> None:
    key, token = scene.issue(), scene.issue(TOKEN)

    for headers in ([(b"authorization", f"Bearer {key}".encode())], [(b"x-api-key", token.encode())]):
        with pytest.raises(CredentialUnknown):
            await scene.authenticator.admit(PEER, headers, READER)


async def test_a_bad_value_costs_auth_one_question_for_a_while(scene: Scene) -> None:
    value = make(LIVE)

    for _ in range(5):
        with pytest.raises(CredentialUnknown):
            await scene.admit(value)

    assert scene.times(value) == 1


async def test_many_bad_values_push_no_good_one_out(scene: Scene) -> None:
    value = scene.issue()
    await scene.admit(value)

    for at in range(300):
        with pytest.raises(CredentialUnknown):
            await scene.admit(make(LIVE), peer=f"192.0.2.{at % 250}")
    await scene.admit(value, agent=b"another")

    assert scene.times(value) == 1


async def test_who_guesses_is_not_asked_for_while_others_are(scene: Scene) -> None:
    known, other = scene.issue(), scene.issue()
    await scene.admit(known)
    for _ in range(MOST):
        with pytest.raises(CredentialUnknown):
            await scene.admit(make(LIVE))
    asked = len(scene.ledger.asked)

    for value in (make(LIVE), other):
        with pytest.raises(TooManyGuesses) as refused:
            await scene.admit(value)
        assert 1 <= int(refused.value.details["retry_after_seconds"]) <= 10
    await scene.admit(known)
    await scene.admit(other, peer=OTHER)

    assert len(scene.ledger.asked) == asked + 1


async def test_one_wrong_value_however_often_is_no_guessing(scene: Scene) -> None:
    wrong, other = make(LIVE), scene.issue()
    for _ in range(3 * MOST):
        with pytest.raises(CredentialUnknown):
            await scene.admit(wrong)

    assert (await scene.admit(other)).user_id == 7


async def test_a_key_ends_on_time_though_it_is_remembered(scene: Scene) -> None:
    value = scene.issue(expires_at_ms=int(time.time() * 1000) + 300)
    await scene.admit(value)

    await asyncio.sleep(0.4)

    with pytest.raises(CredentialUnknown):
        await scene.admit(value)


async def test_while_auth_is_away_the_known_are_known_and_others_wait(scene: Scene) -> None:
    known, other = scene.issue(), scene.issue()
    await scene.admit(known)
    await scene.server.stop(0)

    await scene.admit(known, agent=b"another")
    with pytest.raises(CredentialsAway):
        await scene.admit(other)


async def test_where_anyone_may_call_a_bad_key_is_the_same_as_none(scene: Scene) -> None:
    value = scene.issue(networks=[pb.Names(names=["198.51.100.0/24"])])

    assert (await scene.admit(make(LIVE), ANYONE)).user_id == 0
    assert (await scene.admit(value, ANYONE)).user_id == 0
    assert (await scene.admit(value, ANYONE, peer=OTHER)).user_id == 7


async def test_a_key_in_the_wrong_place_is_refused_and_auth_hears_of_it_once(scene: Scene) -> None:
    value = scene.issue(networks=[pb.Names(names=["198.51.100.0/24"])])

    for _ in range(3):
        with pytest.raises(AddressRefused):
            await scene.admit(value)
    await scene.admit(value, peer=OTHER)

    async with asyncio.timeout(5):
        await scene.ledger.told.wait()
    assert scene.ledger.noted == [pb.NoteRefusalRequest(api_key_id="id-0", reason="address_refused", address=PEER)]


async def test_an_origin_is_looked_at_each_time(scene: Scene) -> None:
    value = scene.issue(origins=[pb.Names(names=["https://app.example.com"])])

    await scene.admit(value, origin=b"https://app.example.com")

    for origin in (b"", b"https://evil.test"):
        with pytest.raises(OriginRefused):
            await scene.admit(value, origin=origin)


async def test_a_token_too_keeps_to_its_organizations_places(scene: Scene) -> None:
    value = scene.issue(TOKEN, page_origins=["https://example.com"])

    await scene.admit(value)
    await scene.admit(value, origin=b"https://example.com")
    with pytest.raises(OriginRefused):
        await scene.admit(value, origin=b"https://evil.test")


async def test_the_keys_own_rates_are_handed_on(scene: Scene) -> None:
    value = scene.issue(rate_limit=api_keys_pb2.ApiRateLimit(requests_per_second=2, burst_limit=8, requests_per_day=5))

    admission = await scene.authenticator.admit(PEER, [(b"x-api-key", value.encode())], READER)

    assert admission.terms
    assert admission.terms.rates == (Rate(5, 86400), Rate(8, 4))


async def test_who_must_sign_is_let_in_only_where_signatures_are_checked(scene: Scene) -> None:
    value = scene.issue(require_signature=True, signing_secret="ss_x")
    headers = [(b"x-api-key", value.encode()), (b"x-signature", b"v1=" + b"0" * 64)]

    assert (await scene.authenticator.admit(PEER, headers, READER, verifies=True)).terms
    with pytest.raises(SignatureMissing):
        await scene.authenticator.admit(PEER, headers, READER)
