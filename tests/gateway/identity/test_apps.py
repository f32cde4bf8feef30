"""Access tokens of third-party apps."""

import time
import uuid

import pytest
from orrery.identity.v1.identity_pb2 import Credential
from orrery.options.v1.options_pb2 import Access, Caller

from gateway.identity import Authenticator, Revocations
from gateway.identity.refusals import TokenRevoked
from libs.rpc.access import ScopeMissing, SessionRequired
from tests.gateway.identity.issuer import Auth
from tests.gateway.identity.test_authenticator import PEER, READER, bearing

SIGNED_IN = Access(caller=Caller.CALLER_SESSION)
CLIENT = str(uuid.uuid4())


async def test_an_app_is_no_session_and_no_administrator(authenticator: Authenticator, auth: Auth) -> None:
    token = auth.token(client_id=CLIENT, scope="openid media:read", adm=True)

    found = (await authenticator.admit(PEER, bearing(token), READER)).identity

    assert (found.credential, found.credential_id) == (Credential.CREDENTIAL_OAUTH, CLIENT)
    assert (found.session_id, found.is_admin, list(found.scopes)) == ("", False, ["openid", "media:read"])
    with pytest.raises(SessionRequired):
        await authenticator.admit(PEER, bearing(token), SIGNED_IN)


@pytest.mark.parametrize("scope", ["*", "openid", "* openid", "media:write"])
async def test_an_app_has_the_scopes_that_were_named(authenticator: Authenticator, auth: Auth, scope: str) -> None:
    with pytest.raises(ScopeMissing):
        await authenticator.admit(PEER, bearing(auth.token(client_id=CLIENT, scope=scope)), READER)


async def test_an_app_whose_grant_ended_is_refused(
    authenticator: Authenticator, auth: Auth, revocations: Revocations
) -> None:
    grant = str(uuid.uuid4())
    token = auth.token(client_id=CLIENT, scope="media:read", sid=grant)
    await authenticator.admit(PEER, bearing(token), READER)

    revocations.ended.add(f"grant:{grant}", int(time.time() * 1000))

    with pytest.raises(TokenRevoked):
        await authenticator.admit(PEER, bearing(token), READER)
