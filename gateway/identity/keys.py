"""The public keys that access tokens are signed with, fetched from auth and kept while auth is away."""

import asyncio
import time
from collections.abc import Awaitable, Callable

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from jwt import InvalidKeyError
from jwt.algorithms import RSAAlgorithm
from orrery.auth.v1.sessions_pb2 import Key, KeySet, ListKeysRequest
from orrery.identity.v1.identity_pb2 import Credential, Identity

from gateway.identity.refusals import KeysAway, TokenRefused
from gateway.identity.shape import KID
from libs.errors import Refusal
from libs.rpc import Call, Passage, Signer
from libs.telemetry import get_logger

log = get_logger(__name__)
Fetch = Callable[[], Awaitable[KeySet]]
REFRESH_SECONDS = 300.0
ASK_AGAIN_SECONDS = 5.0  # an unknown kid costs auth one call in this time, however many tokens carry it
FIRST_KEY_SECONDS = 0.5
SMALLEST_BITS = 2048


class Keys:
    """Keys by id. Exchanged as a whole, so that `current is current` means that nothing has changed."""

    def __init__(self, fetch: Fetch) -> None:
        self._fetch = fetch
        self.current: dict[str, RSAPublicKey] = {}
        self._spelled: dict[str, Key] = {}
        self._asked = -float("inf")
        self._answered = False
        self._asking = asyncio.Lock()

    async def find(self, kid: str) -> RSAPublicKey:
        """The key; auth is asked for an unknown one. Raises TokenRefused, or KeysAway where auth could not say."""
        if kid not in self.current:
            await self._ask_unless_asked()
        if kid in self.current:
            return self.current[kid]
        raise TokenRefused if self._answered else KeysAway

    async def run(self) -> None:
        """Refresh every five minutes, and every few seconds while there is no key or no answer, until cancelled."""
        while True:
            await self.refresh()
            await asyncio.sleep(self._pause())

    def _pause(self) -> float:
        if not self.current:  # nobody can sign in before: auth is starting, or making its first key
            return FIRST_KEY_SECONDS
        return REFRESH_SECONDS if self._answered else ASK_AGAIN_SECONDS

    async def refresh(self) -> None:
        """Take auth's present keys; the old ones stay where it does not answer."""
        self._asked = time.monotonic()
        try:
            answer = await self._fetch()
        except Refusal as refusal:
            self._answered = False
            log.warning("keys_not_fetched", reason=refusal.reason)
            return
        self._take({key.kid: key for key in answer.keys})
        self._answered = True

    async def _ask_unless_asked(self) -> None:
        async with self._asking:
            if time.monotonic() - self._asked > ASK_AGAIN_SECONDS:
                await self.refresh()

    def _take(self, spelled: dict[str, Key]) -> None:
        if spelled == self._spelled:
            return
        self._spelled = spelled
        self.current = {kid: key for kid, one in spelled.items() if (key := usable(one))}
        log.info("keys_changed", kids=sorted(self.current))


def usable(key: Key) -> RSAPublicKey | None:
    """The key, or None (and a log line) where no token may be believed by it."""
    try:
        found = RSAAlgorithm.from_jwk({"kty": key.kty, "n": key.n, "e": key.e})
    except (InvalidKeyError, ValueError):
        found = None
    told = (key.use, key.alg) == ("sig", "RS256") and KID.fullmatch(key.kid)
    if told and isinstance(found, RSAPublicKey) and found.key_size >= SMALLEST_BITS:
        return found
    log.error("key_unusable", kid=key.kid)
    return None


def keys_of(call: Call, signer: Signer) -> Fetch:
    """Ask auth's ListKeys in the gateway's own name."""

    async def fetch() -> KeySet:
        gateway = Identity(subject="gateway", credential=Credential.CREDENTIAL_SERVICE)
        answer = await call(ListKeysRequest(), Passage(signer.sign(gateway)))
        assert isinstance(answer, KeySet)  # noqa: S101  # the call is bound to ListKeys
        return answer

    return fetch
