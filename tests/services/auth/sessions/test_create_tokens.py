"""SessionsService.CreateTokens and RefreshTokens: the same as Login and Refresh, in a shape of their own."""

import pytest
from orrery.auth.v1.sessions_pb2 import LoginRequest, RefreshRequest, TokenPair

from libs.errors import Unauthenticated
from tests.services.auth.house import PASSWORD, House, Visitor, claims


async def test_a_pair_is_good_for_what_a_login_is(auth: House) -> None:
    made = await auth.register()

    pair = await auth.call("CreateTokens", LoginRequest(email=made.user.email, password=PASSWORD), TokenPair)
    renewed = await auth.call("RefreshTokens", RefreshRequest(refresh_token=pair.refresh_token), TokenPair)

    assert (pair.token_type, pair.expires_in) == ("bearer", 1800)
    assert claims(renewed.access_token)["sid"] == claims(pair.access_token)["sid"]
    assert (await auth.me(renewed.access_token)).user_id == made.user.user_id


async def test_a_copied_refresh_token_ends_the_session_here_too(auth: House) -> None:
    made = await auth.register()
    await auth.call("RefreshTokens", RefreshRequest(refresh_token=made.refresh_token), TokenPair)

    with pytest.raises(Unauthenticated) as refused:
        await auth.call(
            "RefreshTokens", RefreshRequest(refresh_token=made.refresh_token), TokenPair, Visitor("192.0.2.66")
        )

    assert refused.value.reason == "REFRESH_REFUSED"


async def test_a_wrong_password_is_refused_here_too(auth: House) -> None:
    made = await auth.register()

    with pytest.raises(Unauthenticated) as refused:
        await auth.call("CreateTokens", LoginRequest(email=made.user.email, password="wrong one"), TokenPair)

    assert refused.value.reason == "INVALID_CREDENTIALS"
