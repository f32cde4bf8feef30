"""The secrets of a key: made, hashed, sealed."""

import secrets
from uuid import UUID

from libs.rpc.credentials import SECRET, hashed, make
from services.auth.api_keys.models import ApiKey, Kind
from services.auth.sealing import Sealer

LAST = 4


def purpose(column: str, key_id: UUID) -> str:
    return f"{ApiKey.__tablename__}.{column}:{key_id}"


def renew(key: ApiKey, sealer: Sealer) -> str:
    """Give the key a new value; it is answered, and kept as a hash (a widget key's sealed too)."""
    value = make(key.key_prefix)
    key.hashed_key, key.last_four = hashed(value).hex(), value[-LAST:]
    if key.kind == Kind.WIDGET:
        key.sealed_key = sealer.seal(value.encode(), purpose("sealed_key", key.id))
    return value


def renew_signing(key: ApiKey, sealer: Sealer) -> str:
    """Give the key a new signing secret: 43 characters of base64url after a prefix."""
    secret = SECRET + secrets.token_urlsafe(32)
    key.signing_secret = sealer.seal(secret.encode(), purpose("signing_secret", key.id))
    return secret


def keep_previous(key: ApiKey, sealer: Sealer) -> None:
    """Let what the key has now be what it had before."""
    key.previous_hash = key.hashed_key
    key.previous_signing_secret = None
    if key.signing_secret is not None:
        secret = sealer.unseal(key.signing_secret, purpose("signing_secret", key.id))
        key.previous_signing_secret = sealer.seal(secret, purpose("previous_signing_secret", key.id))


def opened(key: ApiKey, sealer: Sealer) -> str:
    """The value of a widget key."""
    return sealer.unseal(key.sealed_key or b"", purpose("sealed_key", key.id)).decode()
