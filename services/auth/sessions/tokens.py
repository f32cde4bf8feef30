"""Access tokens: JWTs in the profile of RFC 9068, which every gateway checks by itself."""

import time
import uuid

import jwt

from libs.rpc import arrived_ms
from services.auth.keys.keyring import Keyring
from services.auth.keys.operations import TOKEN_LIFETIME
from services.auth.sessions.operations import Entry

LIFETIME_SECONDS = int(TOKEN_LIFETIME.total_seconds())
TYPE = "at+jwt"
EVERY_SCOPE = "*"


class AccessTokens:
    """Issues tokens of one issuer for one audience."""

    def __init__(self, keyring: Keyring, issuer: str, audience: str) -> None:
        self._keyring = keyring
        self._origin = {"iss": issuer, "aud": audience}

    def issue(self, entry: Entry) -> str:
        """A token for the session, good for 30 minutes; raises KeysNotReady."""
        key = self._keyring.signing()
        now, account = int(time.time()), entry.holder.account
        claims = {
            **self._origin,
            "sub": str(account.id),
            "uid": account.user_id,
            "org": entry.holder.organization_id,
            "roles": [entry.holder.role],
            "sid": str(entry.session_id),
            "scope": EVERY_SCOPE,
            "adm": account.is_admin,
            "iat": now,
            "asof": arrived_ms(),  # what it says of its holder was read later than this
            "exp": now + LIFETIME_SECONDS,
            "jti": str(uuid.uuid4()),
        }
        return jwt.encode(claims, key.private, algorithm="RS256", headers={"kid": key.kid, "typ": TYPE})
