"""The two deployables as processes: they become ready, show metrics, and leave when told."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from libs.settings import BlobSettings, DatabaseSettings
from tests.services.media.builders import get
from tests.services.media.conftest import eventually
from tests.services.media.videos.conftest import environment
from tools.stack import ports

NO_BROKER = {"ORRERY_KAFKA__BROKERS": "127.0.0.1:9"}


class Started:
    """A process of the service and its operations port."""

    def __init__(self, module: str, told: dict[str, str]) -> None:
        self.port = ports.free()
        own = {"ORRERY_PROCESS__OPERATIONS": f"127.0.0.1:{self.port}", "PYTHONPATH": ".:gen"}
        self.process = subprocess.Popen([sys.executable, "-m", module], env={**os.environ, **own, **told})

    async def asked(self, path: str) -> httpx.Response | None:
        try:
            return await get(f"http://127.0.0.1:{self.port}{path}")
        except httpx.TransportError:
            return None

    async def is_ready(self) -> bool:
        answer = await self.asked("/readyz")
        return answer is not None and answer.status_code == httpx.codes.OK


@pytest.fixture
def variables(settings: DatabaseSettings, blob_settings: BlobSettings) -> dict[str, str]:
    return environment(settings, blob_settings)


@pytest.fixture
def media(variables: dict[str, str], identity_keys: tuple[Path, Path]) -> Iterator[Started]:
    rpc = {"ORRERY_RPC__LISTEN": "127.0.0.1:0", "ORRERY_RPC__IDENTITY_KEYS": str(identity_keys[1])}
    yield from lives(Started("services.media", variables | rpc | NO_BROKER))


@pytest.fixture
def worker(variables: dict[str, str]) -> Iterator[Started]:
    yield from lives(Started("services.media.worker", variables))


def lives(started: Started) -> Iterator[Started]:
    yield started
    started.process.kill()
    started.process.wait(timeout=30)


async def test_media_is_ready_while_kafka_is_away(media: Started) -> None:
    await eventually(media.is_ready)

    metrics = await media.asked("/metrics")
    media.process.terminate()

    assert metrics is not None
    assert "orrery_outbox_oldest_seconds" in metrics.text
    assert media.process.wait(timeout=40) == 0


async def test_the_worker_needs_no_broker_and_shows_its_jobs(worker: Started) -> None:
    await eventually(worker.is_ready)

    metrics = await worker.asked("/metrics")
    worker.process.terminate()

    assert metrics is not None
    assert 'orrery_jobs_oldest_seconds{queue="processing"}' in metrics.text
    assert worker.process.wait(timeout=40) == 0


def test_a_setting_of_another_process_is_refused(variables: dict[str, str]) -> None:
    command = [sys.executable, "-m", "services.media.worker"]
    told = {**os.environ, **variables, **NO_BROKER, "PYTHONPATH": ".:gen"}

    ended = subprocess.run(command, env=told, capture_output=True, text=True, check=False, timeout=60)

    assert ended.returncode != 0
    assert "ORRERY_KAFKA__BROKERS is not a setting of this process" in ended.stderr
