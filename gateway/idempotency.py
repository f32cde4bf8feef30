"""`Idempotency-Key`: a write that is sent again is answered again, not done again.

The first request holds the key while it runs; its answer is kept for 24 hours, sealed, for answers may carry what is
shown once. Kept per caller, verb and path, with a fingerprint of the request. What says to come again (429, 5xx) is
never kept, or coming again would be in vain. Where Redis is away the promise cannot be given, and the request is
refused before anything is done.
"""

import asyncio
import os
import re
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from hashlib import blake2b
from typing import Protocol

import orjson
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from google.protobuf.message import Message
from orrery.identity.v1.identity_pb2 import Identity
from prometheus_client import Counter

from gateway.answers import Answer
from gateway.router import Route
from libs.errors import Conflict, Invalid, Unavailable

KEY = re.compile(rb'"?([\x21\x23-\x7e]{1,255}?)"?')
KEEP_SECONDS = 24 * 3600
MARGIN_SECONDS = 30  # beyond the call's own limit, after which a gateway that holds a key must have died
TOO_MANY, SERVER_ERROR = 429, 500
NONCE_BYTES = 12
RUNNING = b"running"
REPLAYED = (b"idempotent-replayed", b"true")
REPLAYS = Counter("orrery_idempotent_replays_total", "Answers that were given again.")


class IdempotencyInProgress(Conflict):
    def __init__(self) -> None:
        super().__init__("A request with this Idempotency-Key is still running; try again in a moment.")


class IdempotencyKeyReused(Invalid):
    def __init__(self) -> None:
        super().__init__("This Idempotency-Key was used for another request; take a new one.")


class IdempotencyKeyMalformed(Invalid):
    def __init__(self) -> None:
        super().__init__("An Idempotency-Key is 1 to 255 visible ASCII characters.")


class IdempotencyAway(Unavailable):
    def __init__(self) -> None:
        super().__init__("Idempotency-Key cannot be honoured for a moment; nothing was done, try again.")


class Keeper(Protocol):
    """Where keys are held: gateway.replays.Replays. All raise IdempotencyAway."""

    async def claim(self, name: str, value: bytes, seconds: int) -> bytes | None:
        """Keep the value under the name for so long; where there is one already, that one."""

    async def keep(self, name: str, value: bytes, seconds: int) -> None: ...
    async def drop(self, name: str) -> None: ...


@dataclass(frozen=True, slots=True)
class Asked:
    """A request as far as two are the same."""

    name: str
    fingerprint: bytes

    @classmethod
    def of(cls, key: bytes, route: Route, path: str, identity: Identity, request: Message) -> "Asked":
        """Raises IdempotencyKeyMalformed."""
        found = KEY.fullmatch(key)
        if not found:
            raise IdempotencyKeyMalformed
        whose = f"{identity.organization_id}\n{identity.user_id}\n{identity.credential_id}"
        where = "" if identity.user_id else identity.address
        place = f"{whose}\n{where}\n{route.verb}\n{path}\n".encode() + found[1]
        content = request.SerializeToString(deterministic=True)
        return cls("idempotency:" + blake2b(place, digest_size=20).hexdigest(), blake2b(content).digest()[:20])


class Idempotency:
    """Answers repeated requests. `secrets`: 32 bytes each that all gateways share; the first seals, all open."""

    def __init__(self, keeper: Keeper, secrets: Callable[[], Sequence[bytes]]) -> None:
        self._keeper, self._secrets = keeper, secrets
        self._running: set[asyncio.Task[Answer]] = set()

    async def once(self, asked: Asked, seconds: float, serve: Callable[[], Awaitable[Answer]]) -> Answer:
        """The answer of `serve`, which takes at most `seconds`, or the one that it gave before.

        It goes on when its caller hangs up: whoever lost an answer comes again and asks for it.
        Raises IdempotencyInProgress, IdempotencyKeyReused, IdempotencyAway.
        """
        claimed = asked.fingerprint + RUNNING
        kept = await self._keeper.claim(asked.name, claimed, int(seconds) + MARGIN_SECONDS)
        if kept is not None:
            return self._again(asked, kept)
        running = asyncio.create_task(self._run(asked, serve))
        self._running.add(running)
        running.add_done_callback(self._running.discard)
        return await asyncio.shield(running)

    async def _run(self, asked: Asked, serve: Callable[[], Awaitable[Answer]]) -> Answer:
        try:
            answer = await serve()
        except BaseException:
            await self._keeper.drop(asked.name)
            raise
        if answer.status == TOO_MANY or answer.status >= SERVER_ERROR:
            await self._keeper.drop(asked.name)
        else:
            await self._keeper.keep(asked.name, asked.fingerprint + self._seal(asked, answer), KEEP_SECONDS)
        return answer

    def _again(self, asked: Asked, kept: bytes) -> Answer:
        fingerprint, value = kept[: len(asked.fingerprint)], kept[len(asked.fingerprint) :]
        if fingerprint != asked.fingerprint:
            raise IdempotencyKeyReused
        if value == RUNNING:
            raise IdempotencyInProgress
        REPLAYS.inc()
        return self._open(asked, value)

    def _seal(self, asked: Asked, answer: Answer) -> bytes:
        headers = [[name.decode("latin-1"), value.decode("latin-1")] for name, value in answer.headers]
        head = orjson.dumps([answer.status, headers])
        nonce = os.urandom(NONCE_BYTES)
        return nonce + AESGCM(self._secrets()[0]).encrypt(nonce, head + b"\n" + answer.body, asked.name.encode())

    def _open(self, asked: Asked, value: bytes) -> Answer:
        """Raises IdempotencyAway where it was sealed by gateways with another secret."""
        for secret in self._secrets():
            with suppress(InvalidTag):
                opened = AESGCM(secret).decrypt(value[:NONCE_BYTES], value[NONCE_BYTES:], asked.name.encode())
                break
        else:
            raise IdempotencyAway
        head, _, body = opened.partition(b"\n")
        status, headers = orjson.loads(head)
        return Answer(status, body, [*((name.encode(), value.encode("latin-1")) for name, value in headers), REPLAYED])
