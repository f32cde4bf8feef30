"""Everything that matters outlives the process."""

from pathlib import Path

import pytest

from libs.errors import Unauthenticated
from libs.settings import DatabaseSettings
from tests.services.auth.house import House, Visitor, claims, open_house


async def test_sessions_go_on_after_a_restart_and_tokens_still_verify(
    auth: House, settings: DatabaseSettings, tmp_path: Path
) -> None:
    made = await auth.register()
    lost = await auth.refresh(made.refresh_token)

    async with open_house(settings, tmp_path) as restarted:
        repeated = await restarted.refresh(made.refresh_token)
        renewed = await restarted.refresh(lost.refresh_token)
        kids = [key.kid for key in (await restarted.keys()).keys]

    assert repeated.refresh_token == lost.refresh_token
    assert claims(renewed.token)["sid"] == claims(made.token)["sid"]
    assert kids == [key.kid for key in (await auth.keys()).keys]


async def test_a_copied_token_is_known_after_a_restart(auth: House, settings: DatabaseSettings, tmp_path: Path) -> None:
    made = await auth.register()
    current = await auth.refresh(made.refresh_token)

    async with open_house(settings, tmp_path) as restarted:
        with pytest.raises(Unauthenticated):
            await restarted.refresh(made.refresh_token, Visitor("192.0.2.66"))
        with pytest.raises(Unauthenticated):
            await restarted.refresh(current.refresh_token)
