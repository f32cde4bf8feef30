"""People who use the API all the time: a bounded number of requests a second, and every failure is kept."""

import asyncio
import itertools
import threading
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from typing import Self

import httpx

from tests.e2e.people import Person

RATE = 20.0  # requests a second, on two cores that also roll out
REGULARS = 8
STRANGERS = httpx.Limits(max_connections=100, max_keepalive_connections=0)
REGULAR = httpx.Limits(max_connections=1, keepalive_expiry=None)
TIMEOUT = 30.0  # a request may be slow, not lost
Send = Callable[[httpx.AsyncClient], Awaitable[httpx.Response]]


@dataclass
class Tally:
    """What the people saw."""

    answered: Counter[str] = field(default_factory=Counter)
    failures: list[str] = field(default_factory=list)
    written: list[int] = field(default_factory=list)  # videos that the API said it has

    @property
    def total(self) -> int:
        return self.answered.total() + len(self.failures)


class Load:
    """Runs from `with` until its end, in a thread of its own.

    Half of the requests are of strangers, who open a connection for each, so that all pods get their share. The others
    are of regulars, each of whom keeps one: some requests, a pause of seconds, some more. They open another where they
    see that theirs was closed, and send nothing twice.
    """

    def __init__(self, person: Person, rate: float = RATE, regulars: int = REGULARS) -> None:
        self.tally = Tally()
        self._url = str(person.http.base_url)
        self._headers = {"authorization": person.http.headers["authorization"]}
        self._pause, self._regulars = 1 / rate, regulars
        self._ended = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._run()), name="load")

    def __enter__(self) -> Self:
        self._thread.start()
        time.sleep(2)  # traffic before whatever comes
        return self

    def __exit__(self, *raised: object) -> None:
        time.sleep(2)  # and after it
        self._ended.set()
        self._thread.join()

    async def _run(self) -> None:
        async with AsyncExitStack() as stack, asyncio.TaskGroup() as tasks:
            strangers = await stack.enter_async_context(self._client(STRANGERS))
            regulars = [await stack.enter_async_context(self._client(REGULAR)) for _ in range(self._regulars)]
            for name, send, client in turns(self._errands(), strangers, regulars):
                if self._ended.is_set():
                    break
                tasks.create_task(self._one(client, name if client is strangers else f"{name} of a regular", send))
                await asyncio.sleep(self._pause)

    def _client(self, limits: httpx.Limits) -> httpx.AsyncClient:
        return httpx.AsyncClient(
            base_url=self._url, headers=self._headers, trust_env=False, timeout=TIMEOUT, limits=limits
        )

    async def _one(self, client: httpx.AsyncClient, name: str, send: Send) -> None:
        begun = time.monotonic()
        try:
            answer = await send(client)
        except httpx.HTTPError as lost:
            self.tally.failures.append(f"{name}: {type(lost).__name__} {lost} after {time.monotonic() - begun:.1f} s")
            return
        if answer.is_success:
            self.tally.answered[name] += 1
            if answer.status_code == httpx.codes.CREATED:
                self.tally.written.append(answer.json()["data"]["videoId"])
        else:
            self.tally.failures.append(f"{name}: {answer.status_code} {answer.text[:200]}")

    def _errands(self) -> dict[str, Send]:
        """A write and reads of several services; half of them reach more than one."""
        return {
            "write": lambda client: client.post("/api/media/videos/init-upload", json=FILM),
            "account": lambda client: client.get("/api/auth/me"),
            "videos": lambda client: client.get("/api/media/videos"),
            "audit": lambda client: client.get("/api/v1/audit-logs"),
        }


def turns(
    errands: dict[str, Send], strangers: httpx.AsyncClient, regulars: list[httpx.AsyncClient]
) -> Iterator[tuple[str, Send, httpx.AsyncClient]]:
    """Without end: all errands of a stranger, all errands of a regular, of a stranger, of the next regular."""
    clients = [client for one in regulars for client in (strangers, one)] or [strangers]
    for client, (name, send) in itertools.cycle(itertools.product(clients, errands.items())):
        yield name, send, client


FILM = {"filename": "film.mp4", "contentType": "video/mp4", "size": 1000}


def nothing_lost(load: Load, person: Person, least: int = 100) -> None:
    """No request failed, there were some, and what was acknowledged is there."""
    tally = load.tally
    assert tally.total >= least, f"only {tally.total} requests were sent: this proves nothing"
    assert not tally.failures, f"{len(tally.failures)} of {tally.total} failed: {tally.failures[:5]}"
    assert all(tally.answered[name] for name in ("write", "account", "videos", "audit")), tally.answered
    for video in tally.written[:: max(1, len(tally.written) // 20)]:
        assert person.http.get(f"/api/media/videos/{video}").status_code == httpx.codes.OK, video
