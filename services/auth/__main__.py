"""`python -m services.auth`: gRPC, the outbox's relay, the keys and the sweep of what has expired."""

import asyncio

from libs.database import Database
from libs.kafka import Kafka
from libs.outbox import Relay
from libs.process import Process
from services.auth.accounts.passwords import Passwords
from services.auth.accounts.rpc import AccountsServicer
from services.auth.keys.keyring import Keyring
from services.auth.keys.rpc import KeysServicer
from services.auth.sealing import MasterKey
from services.auth.sessions.rpc import SessionsServicer
from services.auth.sessions.sweep import Sweep
from services.auth.sessions.tokens import AccessTokens
from services.auth.settings import AuthSettings


async def main() -> None:
    settings = AuthSettings.read()
    master = MasterKey.read(settings.keys.master)
    with Passwords(workers=settings.passwords.workers) as passwords:
        async with (
            Database(settings.database) as database,
            Kafka(settings.kafka) as kafka,
            Process("auth", settings.process, settings.telemetry) as process,
        ):
            keyring = Keyring(database, master)
            tokens = AccessTokens(keyring, settings.tokens.issuer, settings.tokens.audience)
            process.serve(
                settings.rpc,
                AccountsServicer(database, passwords, tokens, refuse_frequent=settings.passwords.refuse_common),
                SessionsServicer(database, passwords, tokens),
                KeysServicer(keyring),
            )
            process.run(Relay(database, kafka, service="auth", schema="auth"), keyring, Sweep(database))
            process.ready_when(database=database.answers, keys=keyring.answers)


if __name__ == "__main__":
    asyncio.run(main())
