"""The logs forget who it was, and give people what stands there of them."""

import json
from pathlib import Path
from typing import Any

import psycopg
import pytest
from orrery.auth.accounts.v1.events_pb2 import AccountRegistered
from orrery.auth.privacy.v1.events_pb2 import AccountErased
from orrery.auth.sessions.v1.events_pb2 import SessionStarted
from orrery.identity.v1.identity_pb2 import Credential, Identity
from orrery.privacy.v1 import personal_data_pb2 as pb
from sqlalchemy import text

from libs.database import SYSTEM, Database
from libs.kafka import Kafka
from libs.rpc import Client, Passage, Server, Signer
from libs.settings import DatabaseSettings, RpcSettings, TlsSettings
from services.audit.people.consumers import erasure_consumer
from services.audit.people.rpc import PersonalDataServicer
from tests.libs.keys import key_files
from tests.libs.waiting import eventually, running
from tests.services.audit.builders import Said, batch, organization, served

METHOD = pb.DESCRIPTOR.services_by_name["PersonalDataService"].methods_by_name["ExportPerson"]


async def rows(database: Database, table: str, user_id: int) -> list[dict[str, Any]]:
    async with database.transaction(SYSTEM) as session:
        query = text(f"SELECT to_jsonb(t) FROM {table} t WHERE user_id = :id ORDER BY log_id")  # noqa: S608  # a table
        return list(await session.scalars(query, {"id": user_id}))


async def live(kafka: Kafka, database: Database, user_id: int, name: str) -> None:
    """Somebody registers, signs in and asks for something."""
    tenant = organization()
    said = (
        Said(AccountRegistered(user_id=user_id, username=name), tenant, user_id, source="auth"),
        Said(SessionStarted(user_id=user_id, address="192.0.2.7", user_agent=name), tenant, user_id, source="auth"),
    )
    request = batch(served(user_id=user_id, organization_id=tenant, user_agent=name))
    await kafka.send([one.record for one in (*said, request)])
    await eventually(lambda: both(database, user_id))


async def both(database: Database, user_id: int) -> bool:
    return len(await rows(database, "audit_log", user_id)) == 2 and bool(await rows(database, "access_log", user_id))


async def forgotten(database: Database, user_id: int) -> bool:
    return not any(row["user_agent"] for row in await rows(database, "access_log", user_id))


@pytest.mark.usefixtures("consuming")
async def test_an_erased_person_is_a_number_in_the_logs(kafka: Kafka, database: Database) -> None:
    await live(kafka, database, 51_001, "grace_erased")
    await live(kafka, database, 51_002, "ada_stays")

    async with running(erasure_consumer(database, kafka)):
        await kafka.send([Said(AccountErased(user_id=51_001), user_id=51_001, source="auth").record])
        await eventually(lambda: forgotten(database, 51_001))

    left = json.dumps([await rows(database, table, 51_001) for table in ("audit_log", "access_log")])
    assert "grace_erased" not in left
    assert "192.0.2.7" not in left
    assert {"account.registered", "session.started"} <= {
        row["action"] for row in await rows(database, "audit_log", 51_001)
    }
    stays = json.dumps([await rows(database, table, 51_002) for table in ("audit_log", "access_log")])
    assert stays.count("ada_stays") == 3


@pytest.mark.usefixtures("consuming")
async def test_a_person_gets_what_the_logs_hold_of_them(kafka: Kafka, database: Database, tmp_path: Path) -> None:
    await live(kafka, database, 52_001, "ada")
    await live(kafka, database, 52_002, "bob")
    private, public = key_files(tmp_path)
    server = Server(RpcSettings(listen="127.0.0.1:0", identity_keys=str(public)), PersonalDataServicer(database))
    await server.start()
    client = Client("audit", f"127.0.0.1:{server.port}", TlsSettings())
    auth = Identity(subject="auth-worker", credential=Credential.CREDENTIAL_SERVICE)

    call = client.bind(METHOD, timeout=30.0)
    passage = Passage(Signer(private).sign(auth))
    found = [part async for part in call.stream(pb.ExportPersonRequest(user_id=52_001), passage)]

    assert [part.kind for part in found if isinstance(part, pb.PersonalData)] == [
        "audit_log",
        "audit_log",
        "access_log",
    ]
    assert b"bob" not in b"".join(part.lines for part in found if isinstance(part, pb.PersonalData))
    await client.close()
    await server.stop(0)


async def test_the_service_itself_still_cannot_change_a_log(settings: DatabaseSettings) -> None:
    async with await psycopg.AsyncConnection.connect(settings.dsn.get_secret_value()) as connection:
        for statement in ("UPDATE audit_log SET details = NULL", "UPDATE access_log SET user_agent = NULL"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                await connection.execute(statement)
            await connection.rollback()
