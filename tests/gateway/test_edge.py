"""What every request and every answer has."""

import re

import pytest

from tests.gateway.fleet import ORGANIZATION, Fleet

KANA = {"authorization": "Bearer kana"}
VIDEO = "/api/media/videos/5"
UUID7 = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
TRACEPARENT = re.compile(r"00-[0-9a-f]{32}-[0-9a-f]{16}-0[01]")
EVERYWHERE = (VIDEO, "/api/media/videos/404", "/api/nothing", "/docs", "/healthz", "/openapi.json")


@pytest.mark.parametrize("sent", ["mine", "A.b_c-9", "x" * 64])
async def test_a_callers_own_request_id_is_kept_and_handed_on(gateway: Fleet, sent: str) -> None:
    answer = await gateway.http.get(VIDEO, headers={**KANA, "x-request-id": sent})

    assert answer.headers["x-request-id"] == sent
    assert gateway.seen.request_ids == [sent]


@pytest.mark.parametrize("sent", ["", "x" * 65, "a b", "<script>", "a\x00b", "é"])
async def test_a_request_id_that_is_none_is_replaced(gateway: Fleet, sent: str) -> None:
    answer = await gateway.http.get(VIDEO, headers={b"x-request-id": sent.encode("latin-1")})

    assert UUID7.fullmatch(answer.headers["x-request-id"])


@pytest.mark.parametrize("path", EVERYWHERE)
async def test_every_answer_has_its_ids_and_security_headers(gateway: Fleet, path: str) -> None:
    answer = await gateway.http.get(path, headers=KANA)

    assert UUID7.fullmatch(answer.headers["x-request-id"])
    assert TRACEPARENT.fullmatch(answer.headers["traceparent"])
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["x-frame-options"] == "DENY"
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert answer.headers["cross-origin-opener-policy"] == "same-origin"
    assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]
    assert "strict-transport-security" not in answer.headers


async def test_the_call_carries_who_calls(gateway: Fleet) -> None:
    await gateway.http.get(VIDEO, headers=KANA)

    (caller,) = gateway.seen.callers
    assert (caller.user_id, caller.organization_id, caller.address) == (7, ORGANIZATION, "192.0.2.1")


async def test_every_request_is_logged_once(gateway: Fleet) -> None:
    await gateway.http.get(VIDEO + "?x=1", headers={**KANA, "user-agent": "u" * 600, "x-request-id": "mine"})
    await gateway.http.get("/nothing" + "x" * 400)

    known, unknown = gateway.log.rows
    assert (
        known.items()
        >= {
            "request_id": "mine",
            "method": "GET",
            "path": VIDEO,
            "route": "/api/media/videos/{videoId}",
            "status": 400,
            "user_id": 7,
            "organization_id": ORGANIZATION,
            "address": "192.0.2.1",
            "user_agent": "u" * 512,
        }.items()
    )
    assert known["duration_us"] > 0
    assert known["response_bytes"] > 0
    assert (unknown["route"], unknown["status"], len(unknown["path"])) == ("", 404, 255)


async def test_a_broken_access_log_does_not_break_the_answer(gateway: Fleet) -> None:
    gateway.log.rows = None  # type: ignore[assignment]  # makes record() raise

    answer = await gateway.http.get(VIDEO, headers=KANA)

    assert answer.status_code == 200


@pytest.mark.parametrize("path", [VIDEO, "/api/media/videos/404", "/api/nothing", "/nothing", "/api/auth/login"])
async def test_api_answers_say_what_is_left_of_the_limit(gateway: Fleet, path: str) -> None:
    answer = await gateway.http.get(path, headers=KANA)

    limits = [answer.headers[f"ratelimit-{name}"] for name in ("limit", "remaining", "reset")]
    assert limits == ["10", "9", "30"]


async def test_each_route_counts_in_its_class_and_strangers_by_address(gateway: Fleet) -> None:
    await gateway.http.get(VIDEO, headers=KANA)
    await gateway.http.post("/api/auth/login", json={"username": "k", "password": "x"})
    await gateway.http.get(VIDEO)

    assert [(name, who.user_id, who.address) for name, who in gateway.limiter.taken] == [
        ("default", 7, "192.0.2.1"),
        ("auth", 0, "192.0.2.1"),
        ("default", 0, "192.0.2.1"),
    ]


@pytest.mark.parametrize(
    ("path", "code"),
    [(VIDEO, "RATE_LIMITED"), ("/api/v1/audit-logs", "RATE_LIMITED"), ("/api/nothing", "RATE_LIMITED")],
)
async def test_over_the_limit_is_429_with_the_wait(gateway: Fleet, path: str, code: str) -> None:
    gateway.limiter.is_empty = True

    answer = await gateway.http.get(path, headers=KANA)

    assert answer.status_code == 429
    assert answer.json()["error"]["code"] == code
    assert answer.json()["error"]["details"]["retry_after_seconds"] == 7
    assert (answer.headers["retry-after"], answer.headers["ratelimit-remaining"]) == ("7", "0")
    assert not gateway.seen.requests


async def test_plain_has_its_own_code_for_the_limit(gateway: Fleet) -> None:
    gateway.limiter.is_empty = True

    answer = await gateway.http.get("/api/v1/auth/me", headers=KANA)

    assert answer.json()["error_code"] == "RATE_LIMIT_EXCEEDED"
