"""Access tokens for apps (RFC 9068) and id tokens (OpenID Connect Core §2), made and read again."""

import hashlib
import time
import uuid
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from typing import Any

import jwt

from libs.rpc import arrived_ms
from libs.rpc.packed import pack
from services.auth.keys.keyring import Keyring
from services.auth.oauth.operations import Issue

ACCESS, ID = "at+jwt", "JWT"
LONGEST = 8 * 1024  # characters


@dataclass(frozen=True, slots=True)
class Presented:
    """A token of ours that was shown to us."""

    claims: dict[str, Any]

    def text(self, name: str) -> str:
        found = self.claims.get(name)
        return found if isinstance(found, str) else ""


class OAuthTokens:
    """Tokens of one issuer."""

    def __init__(self, keyring: Keyring, issuer: str, audience: str) -> None:
        self._keyring, self.issuer, self.audience = keyring, issuer, audience

    def access(self, issue: Issue) -> str:
        """An access token for the API; its sid is the grant. Raises KeysNotReady.

        What the person's role permits and where their organization lets people in from hold for the app too.
        """
        holder, account = issue.holder, issue.holder.account
        claims = {
            "aud": self.audience,
            "sub": str(account.id),
            "uid": account.user_id,
            "org": holder.organization_id,
            "roles": [holder.role],
            "sid": str(issue.granted.id),
            "client_id": str(issue.client_id),
            "pub": str(issue.publisher),  # once it is suspended its apps act for nobody
            "scope": " ".join(issue.scopes),
            **({"grt": pack(holder.grants)} if holder.grants else {}),  # a role of the organization's own
            **holder.limits.claims,
            "adm": False,  # no app acts as the platform's administrator
            "asof": arrived_ms(),  # what it says of its holder was read later than this
            "jti": str(uuid.uuid4()),
        }
        return self._signed(claims, ACCESS, lifetime_of(issue))

    def identity(self, issue: Issue, access_token: str) -> str:
        """An id token for the app: who signed in, when and how, and for which request. Raises KeysNotReady."""
        granted = issue.granted
        claims = {
            "aud": str(issue.client_id),
            "azp": str(issue.client_id),
            "sub": str(issue.holder.account.id),
            "auth_time": int(granted.signed_in_at.timestamp()),
            "amr": granted.amr,
            "at_hash": half_hash(access_token),
            **({"nonce": granted.nonce} if granted.nonce else {}),
        }
        return self._signed(claims, ID, lifetime_of(issue))

    def read_access(self, token: str) -> Presented | None:
        """An access token of an app that is good by itself; whether its grant is must be asked."""
        found = self._read(token, ACCESS, self.audience, {})
        return found if found and found.text("client_id") else None

    def read_hint(self, token: str) -> Presented | None:
        """An id token as a hint: it may have expired long ago."""
        return self._read(token, ID, None, {"verify_exp": False, "verify_aud": False})

    def _signed(self, claims: dict[str, Any], kind: str, lifetime: int) -> str:
        key, now = self._keyring.signing(), int(time.time())
        whole = {"iss": self.issuer, **claims, "iat": now, "exp": now + lifetime}
        return jwt.encode(whole, key.private, algorithm="RS256", headers={"kid": key.kid, "typ": kind})

    def _read(self, token: str, kind: str, audience: str | None, options: dict[str, bool]) -> Presented | None:
        try:
            header = jwt.get_unverified_header(token) if len(token) <= LONGEST else {}
            key = next((one for one in self._keyring.published() if one["kid"] == header.get("kid")), None)
            if key is None or header.get("typ") != kind:
                return None
            checks: Any = {"require": ["iss", "aud", "sub", "exp", "iat"], **options}
            claims = jwt.decode(
                token, jwt.PyJWK(key), algorithms=["RS256"], audience=audience, issuer=self.issuer, options=checks
            )
        except jwt.PyJWTError:
            return None
        return Presented(claims)


def lifetime_of(issue: Issue) -> int:
    """Seconds that the tokens live: half an hour, or less where the organization says so."""
    return int(issue.holder.limits.token_lifetime.total_seconds())


def half_hash(token: str) -> str:
    """The left half of a token's SHA-256 in base64url (OpenID Connect Core §3.1.3.6)."""
    return urlsafe_b64encode(hashlib.sha256(token.encode("ascii")).digest()[:16]).rstrip(b"=").decode()
