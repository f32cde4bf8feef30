"""What callers see of a gateway while other parts come and go."""

import asyncio
import datetime as dt
import os
import signal
import uuid
from pathlib import Path

from orrery.auth.sessions.v1.events_pb2 import SessionRevoked

from gateway.identity.revocations import TOPIC
from libs.kafka import Envelope, Kafka, Record, to_json
from libs.settings import KafkaSettings
from tests.gateway.process.gateways import Running, WholeAuth, gateway, until
from tools.stack import parts


async def status_becomes(running: Running, token: str, status: int) -> bool:
    async def has_become() -> bool:
        return (await running.me(token)).status_code == status

    return await until(has_become)


async def test_a_revoked_session_is_turned_away(tmp_path: Path, auth: WholeAuth, kafka_settings: KafkaSettings) -> None:
    session, another = str(uuid.uuid4()), auth.token()
    token = auth.token(sid=session)
    async with gateway(tmp_path, auth, ORRERY_KAFKA__BROKERS=kafka_settings.brokers) as running:
        await running.ready()
        assert (await running.me(token)).status_code == 200

        async with Kafka(kafka_settings) as kafka:
            event = SessionRevoked(user_id=7, session_id=session, reason="logout")
            now = dt.datetime.now(dt.UTC)
            envelope = Envelope(str(uuid.uuid4()), event.DESCRIPTOR.full_name, "auth", TOPIC, session, now)
            await kafka.send([Record(TOPIC, session.encode(), to_json(event), envelope.headers())])

        assert await status_becomes(running, token, 401)
        assert (await running.me(token)).json()["error"]["code"] == "UNAUTHORIZED"
        assert (await running.me(another)).status_code == 200


async def test_an_expired_token_has_its_own_code(tmp_path: Path, auth: WholeAuth) -> None:
    async with gateway(tmp_path, auth) as running:
        await running.ready()

        answer = await running.me(auth.token(exp=1))

        assert (answer.status_code, answer.json()["error"]["code"]) == (401, "TOKEN_EXPIRED")
        assert answer.headers["www-authenticate"].startswith("Bearer")
        assert answer.headers["ratelimit-limit"]


async def test_auth_away_is_a_503_for_the_good_and_still_a_401_for_the_bad(tmp_path: Path, auth: WholeAuth) -> None:
    async with gateway(tmp_path, auth) as running:
        await running.ready()
        good, bad = auth.token(), auth.token(aud="another")
        await auth.stop()

        statuses = [(await running.me(token)).status_code for token in (good, bad)]

        assert statuses == [503, 401]
        assert await running.is_ready()
        await auth.start()
        assert await status_becomes(running, good, 200)


async def test_redis_killed_in_the_middle_costs_no_request(tmp_path: Path, auth: WholeAuth) -> None:
    with parts.Redis.ephemeral() as redis:
        async with gateway(tmp_path, auth, ORRERY_REDIS__URL=redis.url) as running:
            await running.ready()
            token = auth.token()
            calls = [asyncio.create_task(running.me(token)) for _ in range(200)]
            await calls[50]

            assert redis.process.pid
            os.kill(redis.process.pid, signal.SIGKILL)
            answers = await asyncio.gather(*calls)

            assert not redis.is_healthy()
            assert {answer.status_code for answer in answers} == {200}
            assert all("ratelimit-remaining" in answer.headers for answer in answers)
            left = int((await running.me(token)).headers["ratelimit-remaining"])
            assert left < 450


async def test_the_limit_is_told_in_the_familys_shape(tmp_path: Path, auth: WholeAuth) -> None:
    async with gateway(tmp_path, auth, ORRERY_LIMITS__DEFAULT="3/h") as running:
        await running.ready()
        token = auth.token()

        answers = [await running.me(token) for _ in range(4)]

        assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
        assert [answer.headers["ratelimit-remaining"] for answer in answers] == ["2", "1", "0", "0"]
        refused = answers[-1]
        assert refused.json()["error"]["code"] == "RATE_LIMITED"
        assert int(refused.headers["retry-after"]) == refused.json()["error"]["details"]["retry_after_seconds"]
        assert 1190 <= int(refused.headers["retry-after"]) <= 1200
