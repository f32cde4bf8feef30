"""One service as the process that is deployed, with a real database and no Kafka."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from libs.rpc import Client
from libs.settings import DatabaseSettings, TlsSettings
from tools.stack import ports

PATIENCE = 60.0
NOBODY = "127.0.0.1:1"  # where no broker listens


@dataclass(frozen=True)
class Running:
    """A process that has said once that it is ready."""

    process: subprocess.Popen[bytes]
    address: str
    operations: str

    async def is_serving(self, name: str) -> bool:
        """What a gRPC health check says."""
        client = Client(name, self.address, TlsSettings())
        try:
            return await client.is_ready()
        finally:
            await client.close()

    def readiness(self) -> dict[str, bool]:
        """What /readyz says of each part."""
        with httpx.Client(trust_env=False) as client:
            answer: dict[str, bool] = client.get(f"http://{self.operations}/readyz").json()
            return answer

    def end(self) -> int:
        """SIGTERM; the exit status."""
        self.process.terminate()
        return self.process.wait(PATIENCE)


@contextmanager
def running(module: str, database: DatabaseSettings, folder: Path) -> Iterator[Running]:
    """`python -m <module>` from its first readiness to the block's end."""
    address, operations = (f"127.0.0.1:{ports.free()}" for _ in range(2))
    environment = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": f".{os.pathsep}gen",
        "ORRERY_DATABASE__DSN": database.dsn.get_secret_value(),
        "ORRERY_KAFKA__BROKERS": NOBODY,
        "ORRERY_RPC__LISTEN": address,
        "ORRERY_RPC__IDENTITY_KEYS": str(public_key(folder)),
        "ORRERY_PROCESS__OPERATIONS": operations,
        "ORRERY_PROCESS__DRAIN_SECONDS": "2",
    }
    log = folder / "service.log"
    with log.open("wb") as output:
        process = subprocess.Popen([sys.executable, "-m", module], env=environment, stdout=output, stderr=output)
    try:
        wait(process, operations, log)
        yield Running(process, address, operations)
    finally:
        process.kill()
        process.wait()


def wait(process: subprocess.Popen[bytes], operations: str, log: Path) -> None:
    """Return at the first readiness; fails with the log when it ends before, or never is."""
    until = time.monotonic() + PATIENCE
    with httpx.Client(trust_env=False) as client:
        while process.poll() is None and time.monotonic() < until:
            try:
                if client.get(f"http://{operations}/readyz").is_success:
                    return
            except httpx.TransportError:
                pass
            time.sleep(0.05)
    raise AssertionError(f"not ready: {log.read_text()}")


def public_key(folder: Path) -> Path:
    """A key that signs no identity of ours: health asks for none."""
    path = folder / "identity.pem"
    key = Ed25519PrivateKey.generate().public_key()
    path.write_bytes(key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
    return path
