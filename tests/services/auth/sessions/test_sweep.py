"""What nobody can use any more is deleted, and nothing else."""

import pytest

from libs.errors import Unauthenticated
from services.auth.sessions.sweep import Sweep
from tests.services.auth.house import House, claims


async def test_expired_tokens_and_sessions_go_and_live_ones_stay(auth: House) -> None:
    live, over = await auth.register(), await auth.register()
    renewed = await auth.refresh(live.refresh_token)
    old, dead = claims(live.token)["sid"], claims(over.token)["sid"]
    await auth.sql(
        "UPDATE refresh_token SET expires_at = now() - interval '1 s' WHERE session_id = :sid AND used_at IS NOT NULL",
        sid=old,
    )
    await auth.sql("UPDATE session SET expires_at = now() - interval '2 days' WHERE id = :sid", sid=dead)

    swept = await Sweep(auth.database).batch()

    assert swept == 2
    assert await Sweep(auth.database).batch() == 0
    assert await auth.sql("SELECT count(*) FROM session WHERE id = :sid", sid=dead) == [(0,)]
    assert await auth.refresh(renewed.refresh_token)
    with pytest.raises(Unauthenticated):
        await auth.refresh(over.refresh_token)
