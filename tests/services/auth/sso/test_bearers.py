"""Access tokens of a trusted issuer."""

import asyncio
import time
import uuid

import pytest
from orrery.auth.sso.v1.events_pb2 import SsoIdentityLinked, SsoSignInRefused
from orrery.auth.v1 import sso_pb2 as pb
from orrery.identity.v1.identity_pb2 import Credential

from libs.errors import Conflict, Forbidden, Refusal, Unauthenticated
from tests.services.auth.house import House, claims
from tests.services.auth.sso.issuer import AUDIENCE, CLIENT, LOGOUT, Claims, Issuer
from tests.services.auth.sso.journey import Journey, person


async def test_the_fleet_is_told_whose_bearers_are_accepted_and_nobody_else_is(journey: Journey, sso: House) -> None:
    with pytest.raises(Forbidden):
        await sso.call("ListTrustedIssuers", pb.ListTrustedIssuersRequest(), pb.TrustedIssuers)
    with pytest.raises(Forbidden):
        await sso.call("IdentifyBearer", pb.IdentifyBearerRequest(token="x"), pb.IdentifiedBearer)


async def test_a_bearer_is_an_account_at_first_sight(journey: Journey, sso: House) -> None:
    who = person(groups=["/admins"])
    token = journey.issuer.access_token(**who)

    found = await journey.identify(token)

    identity = found.identity
    assert (list(identity.roles), list(identity.scopes)) == (["ADMIN"], ["*"])
    assert identity.credential == Credential.CREDENTIAL_OAUTH
    assert (identity.session_id, identity.is_admin) == ("", False)
    assert time.time() < found.token_expires_at <= time.time() + 300
    (linked,) = await sso.events(identity.user_id, SsoIdentityLinked)
    assert linked.subject == who["sub"]


async def test_a_bearer_and_a_sign_in_of_one_subject_are_one_account(journey: Journey) -> None:
    who = person()
    signed_in = claims((await journey.enter(**who)).access_token)

    identity = (await journey.identify(journey.issuer.access_token(**who))).identity

    assert (identity.user_id, identity.organization_id) == (signed_in["uid"], signed_in["org"])


async def test_many_bearers_at_once_for_the_first_time_are_one_account(journey: Journey) -> None:
    token = journey.issuer.access_token(**person())

    found = await asyncio.gather(*(journey.identify(token) for _ in range(6)))

    assert len({one.identity.user_id for one in found}) == 1


async def test_a_platform_administrator_is_none_by_a_bearer(journey: Journey, sso: House) -> None:
    who = person()
    uid = claims((await journey.enter(**who)).access_token)["uid"]
    await sso.sql("UPDATE user_account SET is_admin = true WHERE user_id = :id", id=uid)

    assert not (await journey.identify(journey.issuer.access_token(**who))).identity.is_admin


WRONG: dict[str, Claims] = {
    "another audience": {"aud": "another"},
    "the audience of ID tokens": {"aud": CLIENT},
    "no audience": {"aud": None},
    "another issuer": {"iss": "https://evil.example"},
    "no issuer": {"iss": None},
    "no expiry": {"exp": None},
    "an expiry as text": {"exp": "9999999999"},
    "not yet good": {"nbf": int(time.time()) + 3600},
    "no time": {"iat": None},
    "made in the future": {"iat": int(time.time()) + 3600},
    "no subject": {"sub": None},
    "a subject with NUL": {"sub": "\0"},
    "an ID token by its own word": {"typ": "ID"},
    "a refresh token by its own word": {"typ": "Refresh"},
    "an ID token by its hash": {"at_hash": "x"},
    "a logout token": {"events": {LOGOUT: {}}},
}


@pytest.mark.parametrize("wrong", WRONG.values(), ids=WRONG.keys())
async def test_a_bearer_that_is_wrong(journey: Journey, wrong: Claims) -> None:
    with pytest.raises(Unauthenticated) as refused:
        await journey.identify(journey.issuer.access_token(**(person() | wrong)))

    assert refused.value.reason == "TOKEN_REFUSED"


async def test_an_expired_bearer(journey: Journey) -> None:
    with pytest.raises(Unauthenticated) as refused:
        await journey.identify(journey.issuer.access_token(**person(exp=int(time.time()) - 1)))

    assert refused.value.reason == "TOKEN_EXPIRED"


@pytest.mark.parametrize("token", ["", "x", "a.b.c", "..", "\0.\0.\0", "a.b.c.d", "é.é.é", "x" * 20_000])
async def test_what_is_no_token(journey: Journey, token: str) -> None:
    with pytest.raises(Unauthenticated) as refused:
        await journey.identify(token)

    assert refused.value.reason == "TOKEN_REFUSED"


@pytest.mark.parametrize(
    "header", [{"jku": "https://evil.example"}, {"crit": ["b64"]}, {"typ": "logout+jwt"}, {"typ": ""}]
)
async def test_a_bearer_with_a_header_that_is_wrong(journey: Journey, header: Claims) -> None:
    journey.issuer.header = header

    with pytest.raises(Unauthenticated):
        await journey.identify(journey.issuer.access_token(**person()))


async def test_a_bearer_of_an_issuer_that_people_only_sign_in_through(journey: Journey, other: Issuer) -> None:
    with pytest.raises(Unauthenticated) as refused:
        await journey.identify(other.access_token(**person()))

    assert refused.value.reason == "TOKEN_REFUSED"


async def test_a_bearer_signed_by_another_issuers_key_of_the_same_name(journey: Journey, other: Issuer) -> None:
    token = other.access_token(**person(iss=journey.issuer.url))

    with pytest.raises(Unauthenticated):
        await journey.identify(token)


SUSPEND = {
    "account": "UPDATE user_account SET is_active = NOT :off WHERE user_id = :user_id",
    "organization": "UPDATE organization SET status = CASE WHEN :off THEN 'suspended' ELSE 'active' END"
    " WHERE id IN (SELECT organization_id FROM organization_member WHERE user_id = :user_id)",
}


@pytest.mark.parametrize("who", SUSPEND)
async def test_the_suspended_stay_out_by_a_bearer_that_was_good(journey: Journey, sso: House, who: str) -> None:
    token = journey.issuer.access_token(**person())
    user_id = (await journey.identify(token)).identity.user_id

    await sso.sql(SUSPEND[who], user_id=user_id, off=True)
    with pytest.raises(Forbidden) as refused:
        await journey.identify(token)
    await sso.sql(SUSPEND[who], user_id=user_id, off=False)

    assert refused.value.reason == "SSO_ACCOUNT_INACTIVE"
    told = [SsoSignInRefused.FromString(row.payload) for row in await sso.staged(SsoSignInRefused)]
    assert told[-1].reason == "SSO_ACCOUNT_INACTIVE"
    assert await journey.identify(token)


async def test_who_was_removed_from_the_organization_stays_out_with_the_token_they_have(
    journey: Journey, sso: House
) -> None:
    token = journey.issuer.access_token(**person())
    found = (await journey.identify(token)).identity
    await sso.sql("DELETE FROM organization_member WHERE user_id = :id", id=found.user_id)

    with pytest.raises(Refusal):
        await journey.identify(token)


async def test_an_older_token_does_not_give_back_a_role_that_was_taken(journey: Journey) -> None:
    who, now = person(), int(time.time())
    old = journey.issuer.access_token(**{**who, "groups": ["/admins"], "iat": now - 60})
    new = journey.issuer.access_token(**{**who, "groups": ["/staff"], "iat": now - 30})

    roles = [list((await journey.identify(one)).identity.roles) for one in (old, new, old)]

    assert roles == [["ADMIN"], ["OPERATOR"], ["OPERATOR"]]


async def test_a_bearer_ends_with_its_session_at_the_issuer(journey: Journey) -> None:
    who = person(sid=uuid.uuid4().hex)
    token = journey.issuer.access_token(**who)
    await journey.identify(token)

    await journey.log_out(sub=who["sub"], sid=who["sid"])

    with pytest.raises(Unauthenticated) as refused:
        await journey.identify(token)
    assert refused.value.reason == "TOKEN_REFUSED"


async def test_a_subjects_logout_ends_the_bearers_made_before_it_alone(journey: Journey) -> None:
    who = person()
    before = journey.issuer.access_token(**who, iat=int(time.time()) - 5)
    await journey.identify(before)

    await journey.log_out(sub=who["sub"])
    after = journey.issuer.access_token(**who, iat=int(time.time()) + 5)

    with pytest.raises(Unauthenticated):
        await journey.identify(before)
    assert await journey.identify(after)


async def test_a_bearer_hands_no_account_over(journey: Journey, sso: House) -> None:
    made = await sso.register()

    with pytest.raises(Conflict) as refused:
        await journey.identify(journey.issuer.access_token(**person(email=made.user.email)))

    assert refused.value.reason == "SSO_ACCOUNT_EXISTS"


async def test_an_audience_among_others_is_enough(journey: Journey) -> None:
    assert await journey.identify(journey.issuer.access_token(**person(aud=["account", AUDIENCE])))


async def test_profile_of_rfc_9068_is_taken(journey: Journey) -> None:
    journey.issuer.header = {"typ": "at+jwt"}

    assert await journey.identify(journey.issuer.access_token(**person(typ=None)))


async def test_an_organizations_networks_hold_for_bearers_too(journey: Journey, sso: House) -> None:
    token = journey.issuer.access_token(**person())
    await journey.identify(token)
    allow = "UPDATE organization SET settings = settings || CAST(:told AS jsonb) WHERE slug = 'acme'"

    await sso.sql(allow, told='{"ipWhitelist": ["203.0.113.0/24"]}')
    with pytest.raises(Forbidden) as refused:
        await journey.identify(token)
    await sso.sql(allow, told='{"ipWhitelist": []}')

    assert refused.value.reason == "ADDRESS_NOT_ALLOWED"
    assert await journey.identify(token)
