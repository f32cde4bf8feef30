"""Asking a platform over HTTP: bounded in time and size, without redirects, without a word of it in the logs."""

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

import httpx

from libs.telemetry import get_logger
from services.auth.platforms.errors import PlatformAway, PlatformBusy

log = get_logger(__name__)
SECONDS = 5.0  # for a whole answer
MOST_BYTES = 256 * 1024
PLAIN = {"accept": "application/json", "accept-encoding": "identity"}  # nothing that grows when it is unpacked
LONGEST_WAIT = 3600  # seconds
AWAY = (httpx.codes.REQUEST_TIMEOUT, httpx.codes.TOO_EARLY)


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer of 2xx or 4xx; `body` is empty where a refusal came without a JSON object."""

    status: int
    body: dict[str, Any]

    @property
    def is_success(self) -> bool:
        return httpx.codes.is_success(self.status)


class PlatformHttp:
    """One connection pool for all platforms; enter it once per process."""

    def __init__(self, seconds: float = SECONDS) -> None:
        self._seconds = seconds
        self._http = httpx.AsyncClient(follow_redirects=False, timeout=seconds, trust_env=False)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *raised: object) -> None:
        await self._http.aclose()

    async def get(self, url: str, token: str, query: Mapping[str, str], headers: Mapping[str, str]) -> Reply:
        """Ask an API with a bearer token. Raises PlatformAway, PlatformBusy."""
        sent = {**PLAIN, **headers, "authorization": f"Bearer {token}"}
        return await self._ask(self._http.build_request("GET", url, params=dict(query), headers=sent))

    async def post(self, url: str, form: Mapping[str, str]) -> Reply:
        """Send a form. Raises PlatformAway, PlatformBusy."""
        return await self._ask(self._http.build_request("POST", url, headers=PLAIN, data=dict(form)))

    async def _ask(self, request: httpx.Request) -> Reply:
        where = f"{request.url.host}{request.url.path}"
        try:
            async with asyncio.timeout(self._seconds):
                answer, body = await self._read(request)
        except (httpx.HTTPError, TimeoutError, OSError) as away:
            log.warning("platform_away", where=where, error=type(away).__name__)
            raise PlatformAway from None
        if answer.status_code == httpx.codes.TOO_MANY_REQUESTS:
            log.warning("platform_busy", where=where)
            raise PlatformBusy(waiting(answer.headers.get("retry-after", "")))
        return self._judged(where, answer.status_code, body)

    def _judged(self, where: str, status: int, body: bytes) -> Reply:
        members = parsed(body) if len(body) <= MOST_BYTES else None
        is_refusal = httpx.codes.is_client_error(status) and status not in AWAY
        if not (is_refusal or (httpx.codes.is_success(status) and members is not None)):
            log.warning("platform_answer_unusable", where=where, status=status, size=len(body))
            raise PlatformAway
        return Reply(status, members or {})

    async def _read(self, request: httpx.Request) -> tuple[httpx.Response, bytes]:
        """The answer and its body; of a body that is too large only the beginning."""
        answer = await self._http.send(request, stream=True)
        body = bytearray()
        try:
            async for part in answer.aiter_raw():
                body += part
                if len(body) > MOST_BYTES:
                    break
        finally:
            await answer.aclose()
        return answer, bytes(body)


def parsed(body: bytes) -> dict[str, Any] | None:
    """The JSON object; None where it is none."""
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def waiting(text: str) -> int:
    """Seconds of a Retry-After; a minute where it names none, an hour at most."""
    seconds = int(text) if text.isascii() and text.isdecimal() and len(text) < len("1000000") else 60
    return min(max(seconds, 1), LONGEST_WAIT)
