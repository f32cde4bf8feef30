"""Channels to a service: one connection to each of its addresses, made anew when certificates are renewed."""

import asyncio
from collections.abc import Callable

import grpc

from libs.rpc import wire
from libs.rpc.certificates import Certificates, Material
from libs.settings import TlsSettings

RENEWAL_SECONDS = 2.0
SETTLING_SECONDS = 1.0  # calls that were made and not begun yet
OPTIONS = (
    # A name has one address for each pod: calls go round all of them.
    ("grpc.service_config", '{"loadBalancingConfig": [{"round_robin": {}}]}'),
    # A name is looked up again when a connection ends, yet no sooner than this: the default, 30 s, outlives roll-outs.
    ("grpc.dns_min_time_between_resolutions_ms", 100),
    ("grpc.initial_reconnect_backoff_ms", 100),
    ("grpc.max_reconnect_backoff_ms", 1_000),  # the default waits minutes for a service that restarted in seconds
    ("grpc.keepalive_time_ms", 10_000),  # a machine that vanished says no goodbye
    ("grpc.keepalive_timeout_ms", 5_000),
    ("grpc.keepalive_permit_without_calls", 1),
    ("grpc.max_receive_message_length", 16 * 1024 * 1024),
    *wire.OPTIONS,
)


def plain(address: str) -> grpc.aio.Channel:
    return grpc.aio.insecure_channel(address, OPTIONS)


def mutual(name: str, address: str, shown: Material) -> grpc.aio.Channel:
    """A channel that shows this certificate and believes servers whose certificate names the service."""
    credentials = grpc.ssl_channel_credentials(shown.authority, shown.key, shown.certificate)
    return grpc.aio.secure_channel(address, credentials, (*OPTIONS, ("grpc.ssl_target_name_override", name)))


class Renewed:
    """A channel whose successor is told as soon as the files of `tls` were renewed.

    Calls that run end on the channel they began on: it is closed when the longest of them must have ended.
    """

    def __init__(self, name: str, address: str, tls: TlsSettings, take: Callable[[grpc.aio.Channel], float]) -> None:
        """`take` uses a successor from now on and answers for how many seconds calls may run on the one before."""
        self._name, self._address, self._take = name, address, take
        self.certificates = Certificates(tls)
        self._shown = self.certificates.latest()
        self.channel = mutual(name, address, self._shown)
        self._ending: set[asyncio.Task[None]] = set()
        self._watching = asyncio.get_running_loop().create_task(self._watch())

    async def close(self) -> None:
        """Close the channel, and the ones before with the calls that still run on them."""
        tasks = [self._watching, *self._ending]
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)
        await self.channel.close()

    async def _watch(self) -> None:
        while True:
            await asyncio.sleep(RENEWAL_SECONDS)
            if (material := self.certificates.latest()) is not self._shown:
                self._shown = material
                self._replace(mutual(self._name, self._address, material))

    def _replace(self, successor: grpc.aio.Channel) -> None:
        before, self.channel = self.channel, successor
        ending = asyncio.create_task(end(before, self._take(successor)))
        self._ending.add(ending)
        ending.add_done_callback(self._ending.discard)


async def end(channel: grpc.aio.Channel, seconds: float) -> None:
    """Close a channel when its calls have ended."""
    try:
        await asyncio.sleep(SETTLING_SECONDS)
        await channel.close(seconds)
    finally:
        await channel.close()
