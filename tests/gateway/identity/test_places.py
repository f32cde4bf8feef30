"""From where an organization lets its people's sessions act."""

from collections.abc import Sequence

import pytest

from gateway.identity import Authenticator, NoCredentials, Proxies, Tokens
from gateway.identity.refusals import AddressRefused, HttpsRequired
from tests.gateway.identity.issuer import Auth
from tests.gateway.identity.test_authenticator import ANYONE, READER, bearing

OFFICE, HOME, PROXY = "192.0.2.10", "203.0.113.5", "10.0.0.1"
NETWORKS = ["192.0.2.0/24", "2001:db8::/32"]


@pytest.mark.parametrize("address", [OFFICE, "192.0.2.255", "2001:db8::1", "::ffff:192.0.2.1"])
async def test_the_organizations_networks_are_let_in(authenticator: Authenticator, auth: Auth, address: str) -> None:
    admission = await authenticator.admit(address, bearing(auth.token(net=NETWORKS)), READER)

    assert admission.identity.user_id == 7


@pytest.mark.parametrize("address", [HOME, "192.0.3.1", "2001:db9::1", "", "unix"])
async def test_a_token_is_no_good_elsewhere(authenticator: Authenticator, auth: Auth, address: str) -> None:
    headers = bearing(auth.token(net=NETWORKS))
    await authenticator.admit(OFFICE, headers, READER)

    for _ in range(2):
        with pytest.raises(AddressRefused):
            await authenticator.admit(address, headers, READER)

    assert (await authenticator.admit(address, headers, ANYONE)).identity.user_id == 0


async def test_the_address_is_the_one_that_the_proxy_tells(authenticator: Authenticator, auth: Auth) -> None:
    headers = bearing(auth.token(net=NETWORKS))

    assert await authenticator.admit(PROXY, [*headers, (b"x-forwarded-for", OFFICE.encode())], READER)
    with pytest.raises(AddressRefused):
        await authenticator.admit(HOME, [*headers, (b"x-forwarded-for", OFFICE.encode())], READER)


@pytest.mark.parametrize("said", [[b"https"], [b"HTTPS"], [b"https", b"https"], [b"https, https"]])
async def test_https_is_believed_of_a_trusted_proxy(
    authenticator: Authenticator, auth: Auth, said: list[bytes]
) -> None:
    headers = [*bearing(auth.token(tls=True)), *((b"x-forwarded-proto", one) for one in said)]

    admission = await authenticator.admit(PROXY, headers, READER)

    assert admission.identity.is_secure


@pytest.mark.parametrize(
    ("peer", "said"),
    [(PROXY, [b"http"]), (PROXY, []), (PROXY, [b"https, http"]), (PROXY, [b"http", b"https"]), (HOME, [b"https"])],
)
async def test_where_it_is_asked_for_nothing_but_https_will_do(
    authenticator: Authenticator, auth: Auth, peer: str, said: Sequence[bytes]
) -> None:
    headers = [*bearing(auth.token(tls=True)), *((b"x-forwarded-proto", one) for one in said)]

    with pytest.raises(HttpsRequired):
        await authenticator.admit(peer, headers, READER)


async def test_sessions_that_are_in_use_are_noted_and_nothing_else(tokens: Tokens, auth: Auth) -> None:
    noted: list[str] = []
    authenticator = Authenticator(tokens, NoCredentials(), auth.signer, Proxies(), seen=noted.append)
    token = auth.token(sid="0190a8c4-6d58-7c3e-a111-0c4b5f2d9e10")

    for headers in (bearing(token), bearing(token), bearing(auth.token(client_id="an-app")), []):
        await authenticator.admit(HOME, headers, ANYONE)

    assert noted == ["0190a8c4-6d58-7c3e-a111-0c4b5f2d9e10"]
