"""Operations: probes, metrics and the health reports."""

import asyncio
import re
from pathlib import Path

import httpx

from gateway.app import Public
from gateway.health import Check, Health, status_of
from tests.gateway.fleet import Fleet, fleet

MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")


async def test_the_short_report_has_its_shape_and_real_checks(gateway: Fleet) -> None:
    answer = await gateway.http.get("/api/health")

    data = answer.json()["data"]
    assert answer.status_code == 200
    assert answer.json()["success"] is True
    assert list(data) == ["status", "version", "timestamp", "checks", "uptime_seconds"]
    assert MOMENT.fullmatch(data["timestamp"])
    assert data["status"] == "degraded"
    assert {name: one["status"] for name, one in data["checks"].items()} == {"database": "up", "redis": "down"}
    assert list(data["checks"]["database"]) == ["status", "response_time_ms", "last_check_at"]
    assert data["checks"]["database"]["response_time_ms"] > 0


async def test_the_long_report_has_its_shape_in_the_resource_frame(gateway: Fleet) -> None:
    answer = await gateway.http.get("/api/v1/health", headers={"x-request-id": "mine"})

    data = answer.json()["data"]
    assert answer.json()["requestId"] == "mine"
    assert list(data) == ["service", "status", "timestamp", "responseTime", "details", "version", "uptime"]
    assert data["details"]["database"]["status"] == "healthy"
    assert data["details"]["redis"].items() >= {"status": "unhealthy", "errorMessage": "It does not answer."}.items()
    assert data["details"]["externalApis"] == {}


async def test_ready_means_that_what_is_vital_answers(gateway: Fleet) -> None:
    ready = await gateway.http.get("/readyz")
    gateway.parts.health.is_draining = True
    draining = await gateway.http.get("/readyz")

    assert (ready.status_code, ready.json()) == (200, {"database": True, "accepting": True})
    assert (draining.status_code, draining.json()) == (503, {"database": True, "accepting": False})


async def test_the_process_answers_whatever_its_parts_do(gateway: Fleet) -> None:
    answer = await gateway.http.get("/healthz")

    assert (answer.status_code, answer.text) == (200, "ok")


async def test_requests_are_counted_by_route_and_status(gateway: Fleet) -> None:
    await gateway.http.get("/api/media/videos/404", headers={"authorization": "Bearer kana"})

    metrics = (await gateway.http.get("/metrics")).text

    labels = 'method="GET",route="/api/media/videos/{videoId}",status="404"'
    assert f"orrery_http_requests_total{{{labels}}}" in metrics
    assert 'orrery_http_request_seconds_bucket{le="0.1",route="/api/media/videos/{videoId}"}' in metrics


async def test_a_storm_of_reports_asks_each_part_once() -> None:
    asked = 0

    async def ask() -> bool:
        nonlocal asked
        asked += 1
        await asyncio.sleep(0)
        return True

    health = Health({"database": Check(ask)})
    await asyncio.gather(*(health.ask() for _ in range(100)))

    assert asked == 1


async def test_a_part_that_hangs_is_down() -> None:
    async def hang() -> bool:
        await asyncio.sleep(3600)
        return True

    found = await Health({"database": Check(hang, is_vital=True)}).ask()

    assert not found["database"].is_up
    assert status_of(found) == "unhealthy"


async def test_metrics_are_for_whom_the_deployment_says(tmp_path: Path) -> None:
    async with fleet(tmp_path, Public(may_measure=lambda peer: peer == "127.0.0.1")) as private:
        answer = await private.http.get("/metrics")

    assert answer.status_code == 404


async def test_metrics_are_hidden_behind_a_proxy_that_nobody_configured(tmp_path: Path) -> None:
    async with fleet(tmp_path, Public(may_measure=lambda peer: True)) as served:
        transport = httpx.ASGITransport(served.app, client=("127.0.0.1", 4711))
        async with httpx.AsyncClient(transport=transport, base_url="http://testserver") as http:
            direct = await http.get("/metrics")
            forwarded = await http.get("/metrics", headers={"x-forwarded-for": "203.0.113.9"})

    assert (direct.status_code, forwarded.status_code) == (200, 404)


async def test_a_fault_of_a_hand_written_route_says_nothing_of_itself(tmp_path: Path) -> None:
    def fail(peer: str) -> bool:
        raise RuntimeError("hunter2")

    async with fleet(tmp_path, Public(may_measure=fail)) as broken:
        transport = httpx.ASGITransport(broken.app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://testserver") as http:
            answer = await http.get("/metrics")

    assert answer.status_code == 500
    assert answer.json()["error_code"] == "INTERNAL_ERROR"
    assert "hunter2" not in answer.text
