"""Asking an issuer over HTTP: bounded in time and size, without redirects."""

import asyncio
from collections.abc import Mapping
from typing import Any, Self

import httpx

from libs.telemetry import get_logger
from services.auth.sso.errors import SsoAnswerRefused, SsoIssuerAway
from services.auth.sso.objects import members

log = get_logger(__name__)
SECONDS = 5.0  # for a whole answer
MOST_BYTES = 256 * 1024
JSON = {"accept": "application/json", "accept-encoding": "identity"}  # nothing that grows when it is unpacked
SERVER_ERROR = 500
AWAY = (408, 429)


class Fetch:
    """One connection pool for all issuers; enter it once per process."""

    def __init__(self, seconds: float = SECONDS) -> None:
        self._seconds = seconds
        self._http = httpx.AsyncClient(follow_redirects=False, timeout=seconds, trust_env=False)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *raised: object) -> None:
        await self._http.aclose()

    async def get(self, url: str, headers: Mapping[str, str] | None = None) -> dict[str, Any]:
        """The JSON object at a URL. Raises SsoIssuerAway, and SsoAnswerRefused for what is no such thing."""
        return await self._ask(self._http.build_request("GET", url, headers={**JSON, **(headers or {})}))

    async def post(self, url: str, form: Mapping[str, str], headers: Mapping[str, str]) -> dict[str, Any]:
        """The JSON object that a form is answered with; raises as `get` does."""
        return await self._ask(self._http.build_request("POST", url, headers={**JSON, **headers}, data=dict(form)))

    async def _ask(self, request: httpx.Request) -> dict[str, Any]:
        told = {"url": str(request.url.copy_with(query=None))}
        try:
            async with asyncio.timeout(self._seconds):
                status, body = await self._read(request)
        except (httpx.HTTPError, TimeoutError, OSError) as away:
            log.warning("issuer_away", **told, error=type(away).__name__)
            raise SsoIssuerAway from None
        if status != httpx.codes.OK or len(body) > MOST_BYTES:
            log.warning("issuer_answer_refused", **told, status=status, size=len(body))
            raise SsoIssuerAway if status >= SERVER_ERROR or status in AWAY else SsoAnswerRefused
        return members(bytes(body))

    async def _read(self, request: httpx.Request) -> tuple[int, bytearray]:
        """Status and body; of a body that is too large only the beginning."""
        answer = await self._http.send(request, stream=True)
        body = bytearray()
        try:
            async for part in answer.aiter_raw():
                body += part
                if len(body) > MOST_BYTES:
                    break
        finally:
            await answer.aclose()
        return answer.status_code, body
