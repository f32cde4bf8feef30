"""The service as a process of its own."""

import asyncio
import os
import signal
import sys
from pathlib import Path

import httpx
from orrery.audit.v1 import logs_pb2 as pb
from orrery.media.videos.v1.events_pb2 import VideoReady

from libs.kafka import Kafka
from libs.rpc import Client, Passage, Signer
from libs.settings import DatabaseSettings, KafkaSettings, TlsSettings
from tests.libs.keys import key_files
from tests.libs.waiting import eventually
from tests.services.audit.builders import Said, caller
from tools.stack import ports


async def test_it_comes_up_by_its_environment_writes_serves_and_ends_cleanly(
    settings: DatabaseSettings, kafka_settings: KafkaSettings, kafka: Kafka, tmp_path: Path
) -> None:
    private, public = key_files(tmp_path)
    listen, operations = ports.free(), ports.free()
    said = Said(VideoReady(video_id=5))
    environment = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": ".:gen",
        "ORRERY_DATABASE__DSN": settings.dsn.get_secret_value(),
        "ORRERY_KAFKA__BROKERS": kafka_settings.brokers,
        "ORRERY_RPC__LISTEN": f"127.0.0.1:{listen}",
        "ORRERY_RPC__IDENTITY_KEYS": str(public),
        "ORRERY_PROCESS__OPERATIONS": f"127.0.0.1:{operations}",
    }
    client = Client("audit", f"127.0.0.1:{listen}", TlsSettings())
    call = client.bind(pb.DESCRIPTOR.services_by_name["AuditLogsService"].methods[0], timeout=30.0)
    passage = Passage(Signer(private).sign(caller(said.organization_id)))

    async def rows() -> int:
        answer = await call(pb.ListAuditLogsRequest(), passage)
        assert isinstance(answer, pb.ListAuditLogsResponse)
        return len(answer.items)

    process = await asyncio.create_subprocess_exec(sys.executable, "-m", "services.audit", env=environment)
    try:
        await eventually(lambda: is_ready(operations))
        await kafka.send([said.record])

        assert await eventually(rows) == 1
        assert b"orrery_inbox_events_total" in (await get(operations, "/metrics")).content
        process.send_signal(signal.SIGTERM)
        assert await asyncio.wait_for(process.wait(), 60) == 0
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
        await client.close()


async def is_ready(port: int) -> bool:
    try:
        return (await get(port, "/readyz")).status_code == httpx.codes.OK
    except httpx.TransportError:
        return False


async def get(port: int, path: str) -> httpx.Response:
    async with httpx.AsyncClient(trust_env=False) as client:
        return await client.get(f"http://127.0.0.1:{port}{path}")
