"""Cross-origin requests: exact origins by setting."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from gateway.app import Public
from tests.gateway.fleet import Fleet, fleet

KANA = {"authorization": "Bearer kana"}
OURS = "https://console.example.com"
VIDEO = "/api/media/videos/5"
PREFLIGHT = {"access-control-request-method": "PATCH", "access-control-request-headers": "authorization"}


@pytest.fixture
async def shared(tmp_path: Path) -> AsyncIterator[Fleet]:
    async with fleet(tmp_path, Public(cors_origins=(OURS,), hsts_seconds=86400)) as running:
        yield running


async def test_a_known_origin_may_read_answers(shared: Fleet) -> None:
    answer = await shared.http.get(VIDEO, headers={**KANA, "origin": OURS})

    assert answer.headers["access-control-allow-origin"] == OURS
    assert "X-Request-Id" in answer.headers["access-control-expose-headers"]
    assert "access-control-allow-credentials" not in answer.headers
    assert "Origin" in answer.headers["vary"]


@pytest.mark.parametrize(
    "origin", ["https://evil.example", f"{OURS}.evil.example", "https://console.example.com:444", "null", "*"]
)
async def test_another_origin_may_not(shared: Fleet, origin: str) -> None:
    answer = await shared.http.get(VIDEO, headers={**KANA, "origin": origin})
    preflight = await shared.http.options(VIDEO, headers={"origin": origin, **PREFLIGHT})

    assert "access-control-allow-origin" not in answer.headers
    assert "access-control-allow-origin" not in preflight.headers
    assert preflight.status_code == 405


async def test_a_preflight_is_answered_without_a_credential(shared: Fleet) -> None:
    answer = await shared.http.options(VIDEO, headers={"origin": OURS, **PREFLIGHT})

    assert answer.status_code == 204
    assert answer.headers["access-control-allow-origin"] == OURS
    assert "PATCH" in answer.headers["access-control-allow-methods"]
    assert "Authorization" in answer.headers["access-control-allow-headers"]
    assert not shared.seen.requests


async def test_without_origins_nobody_is_let_in(gateway: Fleet) -> None:
    answer = await gateway.http.get(VIDEO, headers={**KANA, "origin": OURS})

    assert "access-control-allow-origin" not in answer.headers


async def test_transport_security_is_told_where_it_is_set(shared: Fleet) -> None:
    answer = await shared.http.get(VIDEO, headers=KANA)

    assert answer.headers["strict-transport-security"] == "max-age=86400; includeSubDomains"
