"""A gateway's life as a process: its start, its work, its ends."""

import asyncio
import signal
from functools import partial
from pathlib import Path

import httpx

from libs.kafka import Kafka
from libs.settings import KafkaSettings
from tests.gateway.accesslog.rows import files, left_in, received
from tests.gateway.process.gateways import ELSEWHERE, Running, WholeAuth, gateway, until
from tools.stack import parts, ports


async def test_a_request_is_answered_and_logged(
    tmp_path: Path, auth: WholeAuth, kafka_settings: KafkaSettings, redis_server: parts.Redis
) -> None:
    stores = {"ORRERY_KAFKA__BROKERS": kafka_settings.brokers, "ORRERY_REDIS__URL": redis_server.url}
    async with gateway(tmp_path, auth, **stores) as running, Kafka(kafka_settings) as kafka:
        await running.ready()

        answer = await running.me(auth.token())

        assert answer.status_code == 200, answer.text
        assert answer.json()["data"]["userId"] == 7
        assert answer.headers["ratelimit-limit"] == "600"
        assert await received(kafka, {answer.headers["x-request-id"]})


async def test_a_killed_gateway_loses_no_request_that_it_answered(
    tmp_path: Path, auth: WholeAuth, kafka_settings: KafkaSettings
) -> None:
    async with gateway(tmp_path, auth) as running:  # Kafka is nowhere
        await running.ready()
        token = auth.token()
        answers = await asyncio.gather(*(running.me(token) for _ in range(50)))
        missed = await running.http.get("/nothing/here")
        await until(partial(is_written, running.spool, missed.headers["x-request-id"]))  # a millisecond later

        running.send(signal.SIGKILL)
        assert await running.ended() == -signal.SIGKILL

        asked = {answer.headers["x-request-id"] for answer in (*answers, missed)}
        assert asked <= set(left_in(running.spool))
    async with gateway(tmp_path, auth, ORRERY_KAFKA__BROKERS=kafka_settings.brokers) as again:
        await again.ready()
        async with Kafka(kafka_settings) as kafka:
            events = await received(kafka, asked)
        assert sorted(one for _, requests in events for one in requests if one in asked) == sorted(asked)


async def is_written(spool: Path, request_id: str) -> bool:
    return any(request_id.encode() in path.read_bytes() for path in files(spool))


async def test_sigterm_lets_requests_end_and_keeps_the_access_log(tmp_path: Path, auth: WholeAuth) -> None:
    async with gateway(tmp_path, auth) as running:
        await running.ready()
        auth.accounts.hold.clear()
        waiting = asyncio.create_task(running.me(auth.token()))
        assert await until(auth.accounts.is_holding)

        running.send(signal.SIGTERM)
        assert await until(partial(refuses_connections, running.port))
        assert running.process.poll() is None
        auth.accounts.hold.set()
        answer = await waiting

        assert answer.status_code == 200
        assert await running.ended() == 0
        assert answer.headers["x-request-id"] in left_in(running.spool)


async def test_a_kept_connection_is_told_to_close_before_it_is_closed(tmp_path: Path, auth: WholeAuth) -> None:
    async with gateway(tmp_path, auth, ORRERY_TIMEOUTS__LEAVING="60") as running:
        await running.ready()
        kept = await running.me(auth.token())
        assert "connection" not in kept.headers

        running.send(signal.SIGTERM)

        assert await until(partial(is_leaving, running))
        last = await running.me(auth.token())

        assert last.status_code == 200
        assert last.headers["connection"] == "close"
        assert await running.ended() == 0  # at once: nobody is left


async def is_leaving(running: Running) -> bool:
    return not await running.is_ready()


async def refuses_connections(port: int) -> bool:
    try:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
    except ConnectionRefusedError:
        return True
    writer.close()
    return False


async def test_a_request_that_outlives_the_drain_is_told_to_try_again(tmp_path: Path, auth: WholeAuth) -> None:
    async with gateway(tmp_path, auth, ORRERY_PROCESS__DRAIN_SECONDS="1") as running:
        await running.ready()
        auth.accounts.hold.clear()
        waiting = asyncio.create_task(running.me(auth.token()))
        assert await until(auth.accounts.is_holding)

        running.send(signal.SIGTERM)
        answer = await waiting

        assert answer.status_code == 503
        assert await running.ended() == 0
        auth.accounts.hold.set()


async def test_sigterm_with_kafka_there_leaves_nothing_behind(
    tmp_path: Path, auth: WholeAuth, kafka_settings: KafkaSettings
) -> None:
    async with gateway(tmp_path, auth, ORRERY_KAFKA__BROKERS=kafka_settings.brokers) as running:
        await running.ready()
        answer = await running.me(auth.token())

        running.send(signal.SIGTERM)

        assert await running.ended() == 0
        async with Kafka(kafka_settings) as kafka:
            assert await received(kafka, {answer.headers["x-request-id"]})
        assert files(running.spool) == []


async def test_a_gateway_is_not_ready_before_it_can_check_tokens(tmp_path: Path, auth: WholeAuth) -> None:
    await auth.stop()
    async with gateway(tmp_path, auth) as running:
        assert await until(partial(answers, f"http://127.0.0.1:{running.port}/healthz"))
        assert not await running.is_ready()

        await auth.start()

        await running.ready()
        assert (await running.me(auth.token())).status_code == 200


async def test_a_gateway_is_ready_when_it_has_met_every_service_and_stays_so_when_one_leaves(
    tmp_path: Path, auth: WholeAuth
) -> None:
    late = WholeAuth(tmp_path)
    late.port = ports.free()
    services = {f"ORRERY_SERVICES__{name}": f"127.0.0.1:{auth.port}" for name in ELSEWHERE}
    services["ORRERY_SERVICES__MEDIA"] = f"127.0.0.1:{late.port}"
    async with gateway(tmp_path, auth, ORRERY_MEETING_SECONDS="3600", **services) as running:
        assert await until(partial(waits_for, running, {"services": "not met yet: media"}))

        await late.start()
        await running.ready()

        await late.stop()
        assert await until(partial(answers, f"http://127.0.0.1:{running.port}/healthz"))
        assert await running.is_ready()


async def waits_for(running: Running, reasons: dict[str, str]) -> bool:
    async with httpx.AsyncClient(trust_env=False) as client:
        try:
            answer = await client.get(f"http://127.0.0.1:{running.operations}/readyz")
        except httpx.HTTPError:
            return False
    return bool(answer.json().get("reasons") == reasons)


async def answers(url: str) -> bool:
    try:
        async with httpx.AsyncClient(trust_env=False) as client:
            return (await client.get(url)).status_code == 200
    except httpx.TransportError:
        return False


async def test_a_wrong_setting_is_one_sentence_and_the_end(tmp_path: Path, auth: WholeAuth) -> None:
    async with gateway(tmp_path, auth, ORRERY_LIMITS__LOGIN="10/min") as running:
        status = await running.ended()

    assert status == 1
    assert running.log.read_text().startswith("ORRERY_LIMITS__LOGIN is not a setting of this process")
    assert running.log.read_text().count("\n") == 1


async def test_a_port_that_is_taken_is_one_sentence(tmp_path: Path, auth: WholeAuth) -> None:
    async with gateway(tmp_path, auth) as first:
        await first.ready()
        async with gateway(tmp_path, auth, ORRERY_LISTEN=f"127.0.0.1:{first.port}") as second:
            status = await second.ended()

        assert status == 1
        assert second.log.read_text() == f"127.0.0.1:{first.port} cannot be listened on: Address already in use.\n"
