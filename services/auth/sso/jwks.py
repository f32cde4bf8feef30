"""An issuer's public keys: fetched when one is unknown, and once an hour, kept while it is away."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from jwt import InvalidKeyError
from jwt.algorithms import ECAlgorithm, OKPAlgorithm, RSAAlgorithm

from libs.telemetry import get_logger
from services.auth.sso.errors import SsoAnswerRefused, SsoIssuerAway

log = get_logger(__name__)
Public = RSAPublicKey | EllipticCurvePublicKey | Ed25519PublicKey
Load = Callable[[], Awaitable[dict[str, Any]]]
ASK_AGAIN_SECONDS = 10.0  # an unknown kid costs the issuer one request in this time, however many tokens carry it
REFRESH_SECONDS = 3600.0
MOST_KEYS = 100
VERIFY = "verify"
SMALLEST_BITS, LARGEST_BITS = 2048, 8192
ALGORITHMS = {"RSA": ("RS256", "PS256"), "EC": ("ES256",), "OKP": ("EdDSA",)}
ALLOWED = tuple(alg for algs in ALGORITHMS.values() for alg in algs)


@dataclass(frozen=True, slots=True)
class IssuersKey:
    """A key that may verify tokens of these algorithms."""

    kid: str | None
    algorithms: tuple[str, ...]
    public: Public


class Jwks:
    """The keys of one issuer."""

    def __init__(self, load: Load, now: Callable[[], float] = time.monotonic) -> None:
        self._load, self._now = load, now
        self._keys: tuple[IssuersKey, ...] = ()
        self._asked = self._taken = -float("inf")
        self._asking = asyncio.Lock()

    async def find(self, kid: str | None, alg: str) -> Public:
        """The one key of this name and algorithm. Raises SsoAnswerRefused, SsoIssuerAway where none was ever had."""
        if self._now() - self._taken > REFRESH_SECONDS or not self._fitting(kid, alg):
            await self._refresh()
        found = self._fitting(kid, alg)
        if len(found) == 1:
            return found[0].public
        raise SsoAnswerRefused if self._keys else SsoIssuerAway

    def _fitting(self, kid: str | None, alg: str) -> list[IssuersKey]:
        return [key for key in self._keys if alg in key.algorithms and kid in (None, key.kid)]

    async def _refresh(self) -> None:
        async with self._asking:
            if self._now() - self._asked < ASK_AGAIN_SECONDS:
                return
            self._asked = self._now()
            try:
                found = (await self._load()).get("keys")
            except (SsoIssuerAway, SsoAnswerRefused) as refusal:
                log.warning("issuer_keys_not_fetched", reason=refusal.reason)
                return
            self._keys = usable(found)
            self._taken = self._now()


def usable(found: object) -> tuple[IssuersKey, ...]:
    """The keys of a JSON Web Key Set that may verify; symmetric, weak and foreign ones are passed over."""
    if not isinstance(found, list) or len(found) > MOST_KEYS:
        return ()
    return tuple(key for one in found if isinstance(one, dict) and (key := key_of(one)))


def key_of(jwk: dict[str, Any]) -> IssuersKey | None:
    known = ALGORITHMS.get(str(jwk.get("kty")), ())
    algorithms = tuple(alg for alg in known if jwk.get("alg", alg) == alg)
    kid, uses = jwk.get("kid"), jwk.get("key_ops", [VERIFY])
    is_for_signing = jwk.get("use", "sig") == "sig" and isinstance(uses, list) and VERIFY in uses
    if not algorithms or not is_for_signing or not (kid is None or isinstance(kid, str)):
        return None
    public = public_of(jwk)
    return IssuersKey(kid, algorithms, public) if public else None


def public_of(jwk: dict[str, Any]) -> Public | None:
    """The public key, where it is strong enough; None for any other."""
    load = {"RSA": RSAAlgorithm.from_jwk, "EC": ECAlgorithm.from_jwk, "OKP": OKPAlgorithm.from_jwk}[jwk["kty"]]
    try:
        loaded = load({name: value for name, value in jwk.items() if name in ("kty", "n", "e", "crv", "x", "y")})
    except (InvalidKeyError, UnsupportedAlgorithm, ValueError, TypeError):
        return None
    if isinstance(loaded, RSAPublicKey):
        return loaded if SMALLEST_BITS <= loaded.key_size <= LARGEST_BITS else None
    if isinstance(loaded, EllipticCurvePublicKey):
        return loaded if isinstance(loaded.curve, SECP256R1) else None
    return loaded if isinstance(loaded, Ed25519PublicKey) else None
