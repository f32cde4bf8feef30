"""What a token says of a role of the organization's own."""

from typing import Any

import pytest
from orrery.identity.v1.identity_pb2 import Grant
from orrery.options.v1.options_pb2 import Access, Caller

from gateway.identity import Authenticator
from gateway.identity.refusals import TokenRefused
from libs.rpc.access import ActionMissing, ScopeMissing
from libs.rpc.identity import Verifier
from tests.gateway.identity.issuer import Auth

GRANTS = [["media", "r"], ["users", "r", ["email"], '{"role":"OPERATOR"}']]
SCOPES = "media:read organizations:read"
PEER = "203.0.113.9"


def access(scope: str, resource: str, action: str) -> Access:
    return Access(caller=Caller.CALLER_USER, scope=scope, resource=resource, action=action)


def bearing(token: str) -> list[tuple[bytes, bytes]]:
    return [(b"authorization", f"Bearer {token}".encode())]


async def test_services_are_told_what_the_role_permits(authenticator: Authenticator, auth: Auth) -> None:
    token = auth.token(roles=["Readers"], scope=SCOPES, grt=GRANTS)

    admission = await authenticator.admit(PEER, bearing(token), access("media:read", "media", "read"))

    assert list(Verifier([auth.identity_public]).verify(admission.signed).grants) == [
        Grant(resource="media", actions=["read"]),
        Grant(resource="users", actions=["read"], fields=["email"], filters='{"role":"OPERATOR"}'),
    ]


async def test_what_the_role_does_not_permit_is_refused_at_the_gateway(
    authenticator: Authenticator, auth: Auth
) -> None:
    token = bearing(auth.token(roles=["Readers"], scope=SCOPES, grt=GRANTS))

    with pytest.raises(ScopeMissing):
        await authenticator.admit(PEER, token, access("media:write", "media", "update"))
    with pytest.raises(ActionMissing):
        await authenticator.admit(PEER, token, access("organizations:read", "members", "read"))
    await authenticator.admit(PEER, token, access("organizations:read", "users", "read"))


@pytest.mark.parametrize("grants", [[["media"]], [["media", "x"]], [5], "media", [["media", "r", "id", 5]]])
async def test_a_token_whose_grants_cannot_be_read_is_refused(
    authenticator: Authenticator, auth: Auth, grants: Any
) -> None:
    with pytest.raises(TokenRefused):
        await authenticator.admit(PEER, bearing(auth.token(grt=grants)), access("media:read", "media", "read"))
