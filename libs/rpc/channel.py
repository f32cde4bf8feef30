"""Channels to a service: one connection to each of its addresses, and when a channel gets a successor."""

import asyncio
import time
from collections.abc import Callable, Coroutine

import grpc

from libs.rpc import wire
from libs.rpc.certificates import Certificates, Material
from libs.settings import TlsSettings

RENEWAL_SECONDS = 2.0
LOOK_UP_SECONDS = 0.5  # at the soonest; calls are tried again for 1.5 s
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


class Channel:
    """The channel to a service at host:port, and its successors; `take` is told of each as soon as it is there.

    One comes when the files of `tls` were renewed (mutual TLS, where `tls` has files), or when the name could not be
    looked up. Calls that run end on the channel they began on: it is closed when the longest must have ended.
    """

    def __init__(self, name: str, address: str, tls: TlsSettings, take: Callable[[grpc.aio.Channel], float]) -> None:
        """`take` uses a successor from now on and answers for how many seconds calls may run on the one before."""
        self._name, self._address, self._take = name, address, take
        self.certificates = Certificates(tls) if tls.is_mutual else None
        self._shown = self.certificates and self.certificates.latest()
        self.current = self._make()
        self._looked_up = time.monotonic()
        self._beside: set[asyncio.Task[None]] = set()
        if self.certificates:
            self._run(self._watch(self.certificates))

    async def close(self) -> None:
        """Close the channel, and the ones before with the calls that still run on them."""
        tasks = list(self._beside)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self.current.close()

    def look_up(self) -> None:
        """Have the name looked up now, half a second after the last time at the soonest.

        A channel whose name had no address, for its pods were not there yet, asks for it again after pauses that grow
        to two minutes, and gRPC has no option for that: a new channel asks at once.
        """
        if time.monotonic() - self._looked_up >= LOOK_UP_SECONDS:
            self._looked_up = time.monotonic()
            self._replace()

    async def _watch(self, certificates: Certificates) -> None:
        while True:
            await asyncio.sleep(RENEWAL_SECONDS)
            if (material := certificates.latest()) is not self._shown:
                self._shown = material
                self._replace()

    def _make(self) -> grpc.aio.Channel:
        if not self._shown:
            return grpc.aio.insecure_channel(self._address, OPTIONS)
        return mutual(self._name, self._address, self._shown)

    def _replace(self) -> None:
        before, self.current = self.current, self._make()
        self._run(end(before, self._take(self.current)))

    def _run(self, beside: Coroutine[None, None, None]) -> None:
        task = asyncio.get_running_loop().create_task(beside)
        self._beside.add(task)
        task.add_done_callback(self._beside.discard)


def mutual(name: str, address: str, shown: Material) -> grpc.aio.Channel:
    """A channel that shows this certificate and believes servers whose certificate names the service."""
    credentials = grpc.ssl_channel_credentials(shown.authority, shown.key, shown.certificate)
    return grpc.aio.secure_channel(address, credentials, (*OPTIONS, ("grpc.ssl_target_name_override", name)))


async def end(channel: grpc.aio.Channel, seconds: float) -> None:
    """Close a channel when its calls have ended."""
    try:
        await asyncio.sleep(SETTLING_SECONDS)
        await channel.close(seconds)
    finally:
        await channel.close()
