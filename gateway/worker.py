"""One process of the gateway, put together."""

from contextlib import AsyncExitStack

from orrery.auth.v1 import sessions_pb2

from gateway.accesslog import AccessLog, Spool
from gateway.app import Parts, Public, application
from gateway.checks import Meeting, checks
from gateway.health import Health
from gateway.idempotency import Idempotency
from gateway.identity import (
    AskedCredentials,
    Authenticator,
    Issuers,
    Keys,
    Proxies,
    Revocations,
    Seen,
    Signatures,
    Tokens,
    keys_of,
)
from gateway.limits import Limiter, Store
from gateway.public import anybody
from gateway.replays import Replays
from gateway.running import Gateway
from gateway.server import http_server
from gateway.settings import GatewaySettings
from libs.kafka import Kafka
from libs.process import Process
from libs.rpc import Client, Signer, bound

LIST_KEYS = sessions_pb2.DESCRIPTOR.services_by_name["KeysService"].methods_by_name["ListKeys"]
KEYS_SECONDS = 2.0
ANSWERS = "orrery gateway: answers kept for Idempotency-Key"


async def work(settings: GatewaySettings) -> None:
    """Serve until SIGTERM; beside other processes on the same port where the settings ask for several."""
    listener = bound(settings.listen, shared=settings.workers > 1)
    async with AsyncExitStack() as stack:
        kafka = await stack.enter_async_context(Kafka(settings.kafka))
        store = await stack.enter_async_context(Store(settings.redis))
        clients = connect(settings, stack)
        process = await stack.enter_async_context(Process("gateway", settings.process, settings.telemetry))

        signer, proxies = Signer(settings.identity.key), Proxies(settings.trusted_proxies)
        keys = Keys(keys_of(clients["auth"].bind(LIST_KEYS, KEYS_SECONDS), signer))
        revocations = Revocations(kafka)
        tokens = Tokens(keys, revocations, settings.issuer, settings.tokens.audience)
        issuers = Issuers(clients["auth"], signer)
        credentials = AskedCredentials(clients["auth"], signer, revocations.ended)
        seen = Seen(clients["auth"], signer)
        authenticator = Authenticator(tokens, credentials, signer, proxies, issuers, seen.note)
        limiter = Limiter(store, settings.limits)
        log = AccessLog(kafka, Spool(settings.spool, settings.spool_bytes // settings.workers))
        health = Health(checks(clients, keys, store, kafka))
        replays = await stack.enter_async_context(Replays(settings.redis))
        signatures = Signatures(replays, credentials.note)
        idempotency = Idempotency(replays, lambda: signer.derived(ANSWERS))

        app = application(
            Parts(clients, authenticator, limiter, log, proxies.address, health, idempotency, signatures),
            public(settings, proxies),
        )
        server = http_server(
            app,
            *settings.listens_at,
            patience=settings.timeouts.patience,
            drain_seconds=settings.process.drain_seconds,
        )
        gateway = Gateway(server, listener, health, log, revocations).beside(keys, limiter, issuers, seen)
        process.run(gateway)
        meeting = Meeting(clients, settings.meeting_seconds)
        process.ready_when(serving=gateway.is_ready, services=meeting.is_over, redis=store.lets_in, **kafka.checks)
        if settings.rpc.is_mutual:
            process.ready_when(certificate=clients["auth"].has_valid_certificate)  # all services are shown the same


def connect(settings: GatewaySettings, stack: AsyncExitStack) -> dict[str, Client]:
    """A channel to each service; none is needed to be there."""
    services: dict[str, str] = settings.services.model_dump()
    clients = {name: Client(name, address, settings.rpc) for name, address in services.items()}
    for client in clients.values():
        stack.push_async_callback(client.close)
    return clients


def public(settings: GatewaySettings, proxies: Proxies) -> Public:
    origins = tuple(one.strip() for one in settings.cors_origins.split(",") if one.strip())
    may_measure = anybody if settings.public_metrics else proxies.is_inside
    return Public(settings.public_url, origins, settings.hsts_seconds, may_measure, settings.issuer)
