"""SessionsService.Login."""

import asyncio

import jwt
import pytest
from orrery.auth.sessions.v1.events_pb2 import LoginRefused, SessionStarted
from orrery.auth.v1.accounts_pb2 import SignedIn
from orrery.auth.v1.sessions_pb2 import LoginRequest

from libs.errors import Invalid, Unauthenticated
from tests.services.auth.house import AUDIENCE, ISSUER, PASSWORD, CountingHasher, House, Visitor, claims, name


async def test_a_username_or_an_address_signs_in_whatever_its_case(auth: House) -> None:
    made = await auth.register()
    username, email = made.user.username, made.user.email

    entered = [
        await auth.login(username=username),
        await auth.login(username=username.upper()),
        await auth.login(email=email),
        await auth.login(email=email.upper()),
        await auth.login(username=email),  # clients that know one field only
        await auth.login(email=username),
        await auth.login(username=username, email="ignored@example.com"),
    ]

    assert {one.user.user_id for one in entered} == {made.user.user_id}
    assert len({claims(one.token)["sid"] for one in entered}) == len(entered)


async def test_an_access_token_says_who_acts_for_whom_and_for_how_long(auth: House) -> None:
    made = await auth.register()

    said = claims((await auth.login(username=made.user.username)).token)

    assert (said["iss"], said["aud"], said["scope"], said["adm"]) == (ISSUER, AUDIENCE, "*", False)
    assert (said["sub"], said["uid"], said["roles"]) == (made.user.id, made.user.user_id, ["ADMIN"])
    assert said["exp"] - said["iat"] == 1800
    assert said["jti"]


async def test_an_access_token_verifies_by_the_published_key_alone(auth: House) -> None:
    made = await auth.register()
    header = jwt.get_unverified_header(made.token)
    published = {key.kid: key for key in (await auth.keys()).keys}

    key = published[header["kid"]]
    public = jwt.PyJWK({"kty": key.kty, "n": key.n, "e": key.e, "alg": key.alg, "use": key.use, "kid": key.kid})

    assert jwt.decode(made.token, public, algorithms=["RS256"], audience=AUDIENCE, issuer=ISSUER)["uid"]
    assert header == {"alg": "RS256", "typ": "at+jwt", "kid": key.kid}


@pytest.mark.parametrize("who", ["unknown", "wrong", "inactive", "homeless"])
async def test_whatever_is_wrong_the_answer_is_the_same_and_the_fleet_hears_of_it(auth: House, who: str) -> None:
    made = await auth.register()
    reasons = {"unknown": "unknown_account", "wrong": "wrong_password", "inactive": "inactive", "homeless": "inactive"}
    if who == "inactive":
        await auth.sql("UPDATE user_account SET is_active = false WHERE user_id = :id", id=made.user.user_id)
    if who == "homeless":  # its only organization is suspended
        await auth.sql("UPDATE organization SET status = 'suspended' WHERE id = :id", id=claims(made.token)["org"])
    username = name() if who == "unknown" else made.user.username
    password = "not this one" if who == "wrong" else PASSWORD

    with pytest.raises(Unauthenticated) as refused:
        await auth.login(Visitor("192.0.2.9"), password, username=username)

    assert refused.value.reason == "INVALID_CREDENTIALS"
    assert refused.value.message == "The username, the e-mail address or the password is wrong."
    assert refused.value.details == {}
    told = (await auth.events(0 if who == "unknown" else made.user.user_id, LoginRefused))[-1]
    assert (told.reason, told.address) == (reasons[who], "192.0.2.9")


@pytest.mark.parametrize("username", ["nobody_at_all", "no body", "\0", "a" * 255, "nobody@example.com"])
async def test_an_unknown_name_costs_the_same_hash_as_a_wrong_password(
    auth: House, hasher: CountingHasher, username: str
) -> None:
    before = hasher.verified

    with pytest.raises(Unauthenticated):
        await auth.login(username=username)

    assert hasher.verified == before + 1


async def test_a_wrong_password_costs_one_hash(auth: House, hasher: CountingHasher) -> None:
    made = await auth.register()
    before = hasher.verified

    with pytest.raises(Unauthenticated):
        await auth.login(username=made.user.username, password="not this one")

    assert hasher.verified == before + 1


async def test_a_stored_hash_that_is_none_lets_nobody_in(auth: House) -> None:
    made = await auth.register()
    await auth.sql("UPDATE user_account SET password_hash = '!' WHERE user_id = :id", id=made.user.user_id)

    with pytest.raises(Unauthenticated):
        await auth.login(username=made.user.username)


async def test_no_password_material_is_told(auth: House) -> None:
    made = await auth.register()

    with pytest.raises(Unauthenticated):
        await auth.login(username=made.user.username, password="a secret of mine")

    assert not [row for row in await auth.staged(LoginRefused) if b"secret" in row.payload]
    assert not [row for row in await auth.staged(SessionStarted) if PASSWORD.encode() in row.payload]


async def test_composed_and_decomposed_spellings_are_one_password(auth: House) -> None:
    made = await auth.register(password="caf\u00e9-au-lait")

    assert await auth.login(username=made.user.username, password="cafe\u0301-au-lait")


@pytest.mark.parametrize("request_", [LoginRequest(password=PASSWORD), LoginRequest(username="", password=PASSWORD)])
async def test_somebody_must_be_named(auth: House, request_: LoginRequest) -> None:
    with pytest.raises(Invalid) as refused:
        await auth.call("Login", request_, SignedIn)

    assert [one.code for one in refused.value.violations] == ["required"]


async def test_a_password_of_64_kilobytes_is_refused_before_it_is_hashed(auth: House, hasher: CountingHasher) -> None:
    made = await auth.register()
    before = hasher.verified

    with pytest.raises(Invalid) as refused:
        await auth.login(username=made.user.username, password="a" * 65_536)

    assert [one.field for one in refused.value.violations] == ["password"]
    assert hasher.verified == before


async def test_a_session_remembers_where_it_began(auth: House) -> None:
    made = await auth.register()

    entered = await auth.login(Visitor("2001:db8::2", "Phone/3" + "x" * 600), username=made.user.username)

    sid = claims(entered.token)["sid"]
    row = (await auth.sql("SELECT host(address) AS address, user_agent FROM session WHERE id = :id", id=sid))[0]
    assert row.address == "2001:db8::2"
    assert row.user_agent == "Phone/3" + "x" * 505


async def test_an_address_that_is_none_is_left_out(auth: House) -> None:
    made = await auth.register()

    entered = await auth.login(Visitor("unknown", "Odd\0agent"), username=made.user.username)

    sid = claims(entered.token)["sid"]
    assert await auth.sql("SELECT address, user_agent FROM session WHERE id = :id", id=sid) == [(None, "Oddagent")]


async def test_many_sign_ins_of_one_person_at_once_are_many_sessions(auth: House) -> None:
    made = await auth.register()

    entered = await asyncio.gather(*(auth.login(username=made.user.username) for _ in range(20)))

    assert len({claims(one.token)["sid"] for one in entered}) == 20
    assert len(await auth.events(made.user.user_id, SessionStarted)) == 21  # registering signs in, too


async def test_whoever_is_in_several_organizations_signs_in_to_the_oldest_that_is_active(auth: House) -> None:
    made, other = await auth.register(), await auth.register_tenant(tenant_name="Other")
    own = claims(made.token)["org"]
    await auth.sql(
        "INSERT INTO organization_member VALUES (:organization, :user_id, 'OPERATOR')",
        organization=other.tenant_id,
        user_id=made.user.user_id,
    )

    first = claims((await auth.login(username=made.user.username)).token)
    await auth.sql("UPDATE organization SET status = 'suspended' WHERE id = :id", id=own)
    second = claims((await auth.login(username=made.user.username)).token)

    assert (first["org"], first["roles"]) == (own, ["ADMIN"])
    assert (second["org"], second["roles"]) == (other.tenant_id, ["OPERATOR"])
