"""What second factors are checked with: the key that seals secrets, and the clock that codes go by."""

import base64
from datetime import datetime

from services.auth.keys.keyring import Clock, utc_now
from services.auth.sealing import Sealer
from services.auth.second_factors import totp


class Authenticator:
    """Seals and opens TOTP secrets, and reads codes by the clock."""

    def __init__(self, sealer: Sealer, issuer: str, clock: Clock = utc_now) -> None:
        """`issuer` is what authenticator apps show beside the account's name."""
        self._sealer, self._clock, self.issuer = sealer, clock, issuer

    def sealed(self, user_id: int, secret: str) -> str:
        """A secret as it is stored; raises SealingNotReady."""
        return base64.b64encode(self._sealer.seal(secret.encode(), purpose(user_id))).decode()

    def opened(self, user_id: int, stored: str) -> str:
        """A stored secret; raises SealBroken and SealingNotReady."""
        return self._sealer.unseal(base64.b64decode(stored), purpose(user_id)).decode()

    def step(self, secret: str, code: str) -> int | None:
        """The time step that a code belongs to, now; None where it is wrong."""
        moment: datetime = self._clock()
        return totp.matching_step(secret, code, moment)


def purpose(user_id: int) -> str:
    return f"user_2fa.totp_secret:{user_id}"
