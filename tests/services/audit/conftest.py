"""The audit service in process: real gRPC, a migrated PostgreSQL, consumers on a real Kafka."""

from collections.abc import AsyncIterator

import pytest
from orrery.audit.v1.logs_pb2 import DESCRIPTOR

from libs.database import Database
from libs.kafka import Kafka
from libs.rpc import Client, Server, Signer
from libs.settings import DatabaseSettings, KafkaSettings, RpcSettings, TlsSettings
from services.audit.access_log.consumers import access_log_consumer
from services.audit.access_log.rpc import AccessLogsServicer
from services.audit.audit_log.consumers import audit_log_consumer
from services.audit.audit_log.rpc import AuditLogsServicer
from tests.conftest import DatabaseFor
from tests.libs.keys import key_files
from tests.libs.waiting import running
from tests.services.audit.builders import Api


@pytest.fixture(scope="module")
def settings(database_for: DatabaseFor) -> DatabaseSettings:
    return database_for("history", "services/audit")


@pytest.fixture(scope="module")
async def database(settings: DatabaseSettings) -> AsyncIterator[Database]:
    async with Database(settings) as opened:
        yield opened


@pytest.fixture(scope="module")
async def kafka(kafka_settings: KafkaSettings) -> AsyncIterator[Kafka]:
    async with Kafka(kafka_settings) as opened:
        yield opened


@pytest.fixture(scope="module")
async def consuming(database: Database, kafka: Kafka) -> AsyncIterator[None]:
    """Both consumers run."""
    async with running(audit_log_consumer(database, kafka), access_log_consumer(database, kafka)):
        yield


@pytest.fixture(scope="module")
async def api(database: Database, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Api]:
    folder = tmp_path_factory.mktemp("keys")
    private, public = key_files(folder)
    server = Server(
        RpcSettings(listen="127.0.0.1:0", identity_keys=str(public)),
        AuditLogsServicer(database),
        AccessLogsServicer(database),
    )
    await server.start()
    client = Client("audit", f"127.0.0.1:{server.port}", TlsSettings())
    methods = {method.name: method for service in DESCRIPTOR.services_by_name.values() for method in service.methods}
    bound = {name: client.bind(method, timeout=30.0) for name, method in methods.items()}
    yield Api(Signer(private), bound["ListAuditLogs"], bound["ListLogs"])
    await client.close()
    await server.stop(0)
