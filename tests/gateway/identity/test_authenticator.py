"""Who calls, and what the services are told of them."""

import time
import uuid

import pytest
from orrery.identity.v1.identity_pb2 import Credential, Identity
from orrery.options.v1.options_pb2 import Access, Caller

from gateway.identity import Admission, Authenticator, Revocations
from gateway.identity.refusals import CredentialMalformed, CredentialUnknown, TokenExpired, TokenRefused, TokenRevoked
from libs.rpc.access import SignInRequired
from libs.rpc.identity import Verifier
from tests.gateway.identity.issuer import ORGANIZATION, USER, Auth

ANYONE = Access(caller=Caller.CALLER_ANYONE)
READER = Access(caller=Caller.CALLER_USER, scope="media:read")
PEER = "203.0.113.9"
Headers = list[tuple[bytes, bytes]]


def bearing(token: str, scheme: str = "Bearer") -> Headers:
    return [(b"host", b"api.test"), (b"authorization", f"{scheme} {token}".encode()), (b"user-agent", b"test/1")]


async def test_services_are_told_all_that_the_token_says(authenticator: Authenticator, auth: Auth) -> None:
    session = str(uuid.uuid4())

    admission = await authenticator.admit(PEER, bearing(auth.token(sid=session, adm=True)), READER)

    assert Verifier([auth.identity_public]).verify(admission.signed) == Identity(
        subject=USER,
        user_id=7,
        organization_id=ORGANIZATION,
        roles=["ADMIN"],
        scopes=["*"],
        session_id=session,
        credential=Credential.CREDENTIAL_SESSION,
        address=PEER,
        user_agent="test/1",
        is_admin=True,
        expires_at=admission.identity.expires_at,
    )


async def test_the_next_request_costs_no_signature(authenticator: Authenticator, auth: Auth) -> None:
    token = auth.token()
    first = await authenticator.admit(PEER, bearing(token), READER)

    again = await authenticator.admit(PEER, bearing(token), READER)
    elsewhere = await authenticator.admit("198.51.100.1", bearing(token), READER)

    assert again is first
    assert elsewhere.identity.address == "198.51.100.1"


async def test_an_identity_is_signed_anew_before_services_would_refuse_it(
    authenticator: Authenticator, auth: Auth
) -> None:
    admission = await authenticator.admit(PEER, bearing(auth.token()), READER)

    assert admission.until <= time.time() + 30
    assert admission.identity.expires_at >= admission.until + 29


async def test_without_a_credential_the_caller_is_anonymous_and_signed(
    authenticator: Authenticator, auth: Auth
) -> None:
    headers = [(b"user-agent", b"a" * 600), (b"x-forwarded-for", b"198.51.100.1")]

    admission = await authenticator.admit("10.0.0.1", headers, ANYONE)

    identity = Verifier([auth.identity_public]).verify(admission.signed)
    assert (identity.user_id, identity.address, identity.user_agent) == (0, "198.51.100.1", "a" * 512)
    with pytest.raises(SignInRequired):
        await authenticator.admit("10.0.0.1", headers, READER)


@pytest.mark.parametrize("scheme", ["bearer", "BEARER", "bEaReR", "Bearer  "])
async def test_the_schemes_case_does_not_matter(authenticator: Authenticator, auth: Auth, scheme: str) -> None:
    admission = await authenticator.admit(PEER, bearing(auth.token(), scheme), READER)

    assert admission.identity.user_id == 7


MALFORMED: dict[str, Headers] = {
    "two": [(b"authorization", b"Bearer a"), (b"authorization", b"Bearer b")],
    "two alike": [(b"authorization", b"Bearer a"), (b"authorization", b"Bearer a")],
    "two keys": [(b"x-api-key", b"pk_live_a"), (b"x-api-key", b"pk_live_b")],
    "a token and a key": [(b"authorization", b"Bearer a"), (b"x-api-key", b"pk_live_a")],
    "an unknown scheme": [(b"authorization", b"Token dXNlcjpwYXNz")],
    "no scheme": [(b"authorization", b"a.b.c")],
    "no token": [(b"authorization", b"Bearer")],
    "only spaces": [(b"authorization", b"Bearer   ")],
    "two tokens": [(b"authorization", b"Bearer a b")],
    "a comma list": [(b"authorization", b"Bearer a, Bearer b")],
}


@pytest.mark.parametrize("headers", MALFORMED.values(), ids=MALFORMED.keys())
@pytest.mark.parametrize("access", [ANYONE, READER], ids=["anyone", "reader"])
async def test_several_credentials_or_none_that_is_one_are_refused_everywhere(
    authenticator: Authenticator, headers: Headers, access: Access
) -> None:
    with pytest.raises(CredentialMalformed):
        await authenticator.admit(PEER, headers, access)


async def test_a_proxys_own_scheme_is_none_of_ours_where_anyone_may_call(authenticator: Authenticator) -> None:
    basic = [(b"authorization", b"Basic dXNlcjpwYXNz")]

    assert (await authenticator.admit(PEER, basic, ANYONE)).identity.user_id == 0
    with pytest.raises(CredentialMalformed):
        await authenticator.admit(PEER, basic, READER)


@pytest.mark.parametrize(
    "headers",
    [bearing("an-api-token"), bearing("tok_\xff"), [(b"x-api-key", b"pk_live_1")]],
    ids=["token", "odd", "key"],
)
async def test_a_credential_that_nobody_issued_is_unknown(authenticator: Authenticator, headers: Headers) -> None:
    with pytest.raises(CredentialUnknown):
        await authenticator.admit(PEER, headers, READER)


async def test_where_anyone_may_call_a_bad_token_is_the_same_as_none(authenticator: Authenticator, auth: Auth) -> None:
    expired = bearing(auth.token(exp=1))

    renewing = await authenticator.admit(PEER, expired, ANYONE)

    assert renewing.identity.user_id == 0
    with pytest.raises(TokenExpired):
        await authenticator.admit(PEER, expired, READER)
    with pytest.raises(TokenRefused):
        await authenticator.admit(PEER, bearing("a.b.c"), READER)


async def test_a_revocation_ends_an_admission_that_is_remembered(
    authenticator: Authenticator, revocations: Revocations, auth: Auth
) -> None:
    session = str(uuid.uuid4())
    headers = bearing(auth.token(sid=session))
    assert isinstance(await authenticator.admit(PEER, headers, READER), Admission)

    revocations.ended.add(f"session:{session}", time.time_ns() // 1_000_000)

    with pytest.raises(TokenRevoked):
        await authenticator.admit(PEER, headers, READER)


async def test_a_scope_that_the_token_lacks_is_forbidden(authenticator: Authenticator, auth: Auth) -> None:
    headers = bearing(auth.token(scope="profile:read"))

    with pytest.raises(Exception, match="media:read") as refused:
        await authenticator.admit(PEER, headers, READER)

    assert getattr(refused.value, "reason", "") == "SCOPE_MISSING"
