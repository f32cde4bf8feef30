"""HashiCorp Vault's HTTP API, and OpenBao's, which is the same: as much of it as a master key needs."""

import ssl
import time
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

import httpx

from services.auth.sealing.master import MasterKeyUnusable
from services.auth.sealing.masters import MasterAway
from services.auth.sealing.settings import VaultSettings

AWAY = (412, 429, 472, 473, 500, 502, 503, 504)  # sealed, standby, overloaded: the same call may work later
FORBIDDEN = 403
EARLY_SECONDS = 30.0  # a login is renewed so long before it ends


class Vault:
    """One vault and our way in. Every failure is one line that names the vault and never a secret."""

    def __init__(self, settings: VaultSettings) -> None:
        self._settings = settings
        self._token, self._token_ends = "", 0.0
        ca = settings.ca
        self._verify: ssl.SSLContext | bool = ssl.create_default_context(cafile=ca) if ca else True

    async def read(self, path: str) -> dict[str, Any]:
        """The answer's `data`. Raises MasterAway and MasterKeyUnusable."""
        return data(await self._call("GET", path, None))

    async def write(self, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """The answer's `data`. Raises MasterAway and MasterKeyUnusable."""
        return data(await self._call("POST", path, body))

    async def _call(self, method: str, path: str, body: Mapping[str, Any] | None) -> dict[str, Any]:
        try:
            async with httpx.AsyncClient(
                base_url=self._settings.address, timeout=self._settings.timeout_seconds, verify=self._verify
            ) as client:
                return await self._ask(client, method, path, body, await self._way_in(client))
        except httpx.HTTPError as failure:
            raise MasterAway(f"{self._name()} does not answer: {type(failure).__name__}") from failure

    async def _ask(
        self, client: httpx.AsyncClient, method: str, path: str, body: Mapping[str, Any] | None, token: str
    ) -> dict[str, Any]:
        headers = {"X-Vault-Request": "true"}
        if token:
            headers["X-Vault-Token"] = token
        if self._settings.namespace:
            headers["X-Vault-Namespace"] = self._settings.namespace
        answer = await client.request(method, f"/v1/{quote(path)}", json=body, headers=headers)
        if answer.status_code == FORBIDDEN:
            self._token = ""
        if not answer.is_success:
            raise self._refusal(path, answer)
        return members(answer)

    async def _way_in(self, client: httpx.AsyncClient) -> str:
        """A token; for a Kubernetes role, of a login that is kept until it ends."""
        if self._settings.token:
            return self._settings.token.get_secret_value()
        if self._settings.token_file:
            return self._text(self._settings.token_file.read_text)
        if not self._token or time.monotonic() > self._token_ends:
            await self._log_in(client)
        return self._token

    async def _log_in(self, client: httpx.AsyncClient) -> None:
        body = {"role": self._settings.role, "jwt": self._text(self._settings.jwt.read_text)}
        answer = await self._ask(client, "POST", f"auth/{self._settings.auth_mount}/login", body, "")
        auth = answer.get("auth")
        if not isinstance(auth, dict) or not isinstance(auth.get("client_token"), str):
            raise MasterKeyUnusable(f"{self._name()} let the role {self._settings.role} in without a token")
        self._token = auth["client_token"]
        self._token_ends = time.monotonic() + float(auth.get("lease_duration") or 0) - EARLY_SECONDS

    def _text(self, read: Any) -> str:
        try:
            text: str = read("ascii")
        except (OSError, UnicodeDecodeError) as failure:
            raise MasterKeyUnusable(f"the way into {self._name()} cannot be read: {failure}") from None
        return text.strip()

    def _refusal(self, path: str, answer: httpx.Response) -> Exception:
        """What a status other than 2xx means; the vault's own words, cut, for they hold no secret."""
        said = "; ".join(str(one) for one in members(answer).get("errors") or []).replace("\n", " ")[:200]
        line = f"{self._name()} answered {answer.status_code} to {path}{f': {said}' if said else ''}"
        return MasterAway(line) if answer.status_code in AWAY else MasterKeyUnusable(line)

    def _name(self) -> str:
        return f"the vault {self._settings.address}"


def data(answer: Mapping[str, Any]) -> dict[str, Any]:
    found = answer.get("data")
    return found if isinstance(found, dict) else {}


def members(answer: httpx.Response) -> dict[str, Any]:
    """The answer's JSON object; empty where it is none, as of a proxy's error page."""
    try:
        found = answer.json()
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
