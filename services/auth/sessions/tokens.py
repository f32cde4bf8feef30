"""Access tokens: JWTs in the profile of RFC 9068, which every gateway checks by itself."""

import time
import uuid

import jwt

from libs.rpc import arrived_ms
from libs.rpc.packed import pack
from services.auth.keys.keyring import Keyring
from services.auth.roles.permissions import scope
from services.auth.sessions.operations import Entry

TYPE = "at+jwt"
EVERY_SCOPE = "*"


class AccessTokens:
    """Issues tokens of one issuer for one audience."""

    def __init__(self, keyring: Keyring, issuer: str, audience: str) -> None:
        self._keyring = keyring
        self._origin = {"iss": issuer, "aud": audience}

    def issue(self, entry: Entry) -> str:
        """A token for the session, good for 30 minutes, or less where its organization says so; raises KeysNotReady."""
        key = self._keyring.signing()
        now, holder = int(time.time()), entry.holder
        account = holder.account
        claims = {
            **self._origin,
            "sub": str(account.id),
            "uid": account.user_id,
            "org": holder.organization_id,
            "roles": [holder.role],
            "sid": str(entry.session_id),
            "scope": scope(holder.role, holder.grants),
            **({"grt": pack(holder.grants)} if holder.grants else {}),  # a role of the organization's own
            "adm": account.is_admin,
            "iat": now,
            "asof": arrived_ms(),  # what it says of its holder was read later than this
            "exp": now + int(holder.limits.token_lifetime.total_seconds()),
            **holder.limits.claims,
            "jti": str(uuid.uuid4()),
        }
        return jwt.encode(claims, key.private, algorithm="RS256", headers={"kid": key.kid, "typ": TYPE})
