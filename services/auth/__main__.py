"""`python -m services.auth`: gRPC, the outbox's relay, the keys and the sweeps of what has expired."""

from libs.blobs import Blobs
from libs.database import Database
from libs.kafka import Kafka
from libs.outbox import Relay
from libs.process import Process, run
from services.auth.accounts.passwords import Passwords
from services.auth.composition import Auth, Parts
from services.auth.platforms.http import PlatformHttp
from services.auth.sealing import Ring
from services.auth.sealing.sources import masters
from services.auth.settings import AuthSettings
from services.auth.sso.fetch import Fetch


async def main() -> None:
    settings = AuthSettings.read()
    keys_above = masters(settings.keys)
    with Passwords(workers=settings.passwords.workers) as passwords:
        async with (
            Database(settings.database) as database,
            Kafka(settings.kafka) as kafka,
            Blobs(settings.blobs) as blobs,
            Fetch() as issuers,
            PlatformHttp() as platforms,
            Process("auth", settings.process, settings.telemetry) as process,
        ):
            sealer = Ring(database, keys_above)
            auth = Auth(Parts(database, blobs, passwords, sealer, issuers, platforms), settings.choices)
            process.serve(settings.rpc, *auth.servicers())
            process.run(Relay(database, kafka, service="auth", schema="auth"), *auth.loops())
            process.ready_when(database=database.answers, data_keys=sealer.answers, keys=auth.keyring.answers)
            process.ready_when(**kafka.checks)


if __name__ == "__main__":
    run(main())
