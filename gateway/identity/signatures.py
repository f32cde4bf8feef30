"""Signed requests: HMAC-SHA256 with a key's signing secret, a time that is near, a nonce that is new.

    X-Timestamp: Unix seconds, at most 300 off
    X-Nonce:     8 to 128 visible ASCII characters, used once
    X-Signature: v1=<hex HMAC-SHA256 of method, path?query, timestamp, nonce and hex(sha256(body)), joined by newlines>

Method, path and query are the bytes that were sent; without a query there is no question mark. Nonces are kept in
Redis for all gateways; while it is away each gateway knows those that it saw itself.
"""

import hashlib
import hmac
import re
import time
from collections.abc import Callable
from typing import Protocol

from orrery.identity.v1.identity_pb2 import Identity

from gateway.identity.refusals import (
    NonceReused,
    SignatureMalformed,
    SignatureMissing,
    SignatureUnexpected,
    SignatureWrong,
    TimestampOutside,
)
from gateway.seams import Terms
from libs.errors import Refusal, Unauthenticated, Unavailable

TIMESTAMP, NONCE, SIGNATURE = b"x-timestamp", b"x-nonce", b"x-signature"
HEADERS = (TIMESTAMP, NONCE, SIGNATURE)
SHAPES = {
    TIMESTAMP: re.compile(rb"[0-9]{1,12}"),
    NONCE: re.compile(rb"[\x21-\x7e]{8,128}"),
    SIGNATURE: re.compile(rb"v1=[0-9a-f]{64}"),
}
OFF_SECONDS = 300
KEPT_SECONDS = 2 * OFF_SECONDS + 1  # a request may be stamped in our future by as much
MOST = 100_000


class Keeper(Protocol):
    """Where nonces are held for all gateways: gateway.replays.Replays."""

    async def claim(self, name: str, value: bytes, seconds: int) -> bytes | None:
        """Keep the value under the name for so long; where there is one already, that one. Raises Unavailable."""


class Signatures:
    """Checks requests of API keys."""

    def __init__(self, keeper: Keeper, note: Callable[[Identity, Refusal], None]) -> None:
        """`note` is told whose request was turned away, and why."""
        self._keeper, self._note = keeper, note
        self._used: dict[str, float] = {}  # until when each is known, monotonic; the oldest first

    async def check(
        self, terms: Terms, identity: Identity, line: bytes, headers: dict[bytes, bytes], body: bytes
    ) -> None:
        """Raise the refusal that a request gets; `line`: its method, a newline, its path and query as they were sent.

        A key that need not sign may; what it signs must be right then.
        """
        try:
            await self._check(terms, identity.credential_id, line, headers, body)
        except Unauthenticated as refusal:
            self._note(identity, refusal)
            raise

    async def _check(self, terms: Terms, key_id: str, line: bytes, headers: dict[bytes, bytes], body: bytes) -> None:
        given = [name for name in HEADERS if name in headers]
        if not given and not terms.requires_signature:
            return
        if not terms.secret:
            raise SignatureUnexpected
        timestamp, nonce, signature = parts(headers)
        if abs(time.time() - int(timestamp)) > OFF_SECONDS:
            raise TimestampOutside
        expected = b"v1=" + signed(terms.secret, line, timestamp, nonce, body)
        if not hmac.compare_digest(expected, signature):
            raise SignatureWrong
        await self._use(f"nonces:{key_id}:{hashlib.sha256(nonce).hexdigest()}")

    async def _use(self, name: str) -> None:
        """Raise NonceReused. Only what was signed well gets here: nobody else uses nonces up."""
        now = time.monotonic()
        while self._used and (len(self._used) >= MOST or next(iter(self._used.values())) < now):
            del self._used[next(iter(self._used))]
        if name in self._used:
            raise NonceReused
        self._used[name] = now + KEPT_SECONDS
        try:
            kept = await self._keeper.claim(name, b"1", KEPT_SECONDS)
        except Unavailable:
            return
        if kept is not None:
            raise NonceReused


def parts(headers: dict[bytes, bytes]) -> tuple[bytes, bytes, bytes]:
    """Timestamp, nonce, signature; raises SignatureMissing and SignatureMalformed."""
    if any(name not in headers for name in HEADERS):
        raise SignatureMissing
    for name in HEADERS:
        if not SHAPES[name].fullmatch(headers[name]):
            raise SignatureMalformed(name.decode().title())
    return headers[TIMESTAMP], headers[NONCE], headers[SIGNATURE]


def signed(secret: bytes, line: bytes, timestamp: bytes, nonce: bytes, body: bytes) -> bytes:
    """The signature in hex."""
    text = b"\n".join((line, timestamp, nonce, hashlib.sha256(body).hexdigest().encode()))
    return hmac.new(secret, text, hashlib.sha256).hexdigest().encode()
