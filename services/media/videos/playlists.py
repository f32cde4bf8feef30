"""HLS playlists whose segments are signed URLs, kept for half an hour.

Answered is the media playlist of the best rendition: it plays by itself. A master playlist would name further
playlists that have to be signed by us when they are asked for, and a player sends no credentials for those.
"""

import asyncio
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Protocol

from services.media.processing import signed
from services.media.videos.keys import artifact_key

LIFE_SECONDS = 3600.0
FRESH_SECONDS = 1800.0
TIMES_THE_VIDEO = 2
"""A player loads the playlist once: the last segment's URL must outlast the watching, with pauses."""
MOST_BYTES = 32 * 1024 * 1024


class Store(Protocol):
    """Where playlists lie and what signs: `libs.blobs.Blobs`."""

    async def read(self, key: str) -> bytes: ...
    def presign_get(self, key: str, expires: timedelta) -> str: ...


class Playlists:
    """The signed playlists of one process; the oldest go first when they grow too large together."""

    def __init__(self, store: Store, clock: Callable[[], float] = time.monotonic) -> None:
        self._store, self._clock = store, clock
        self._kept: dict[str, tuple[str, float]] = {}
        self._bytes = 0

    async def signed(self, key: str, video_seconds: float) -> str:
        """The playlist at the key with signed URLs; raises BlobMissing, BlobsAway."""
        text, fresh_until = self._kept.get(key, ("", 0.0))
        if self._clock() < fresh_until:
            return text
        playlist = (await self._store.read(key)).decode()
        life = timedelta(seconds=LIFE_SECONDS + TIMES_THE_VIDEO * video_seconds)
        text = await asyncio.to_thread(self._sign, playlist, key.rpartition("/")[0] + "/", life)
        self._keep(key, text)
        return text

    def _sign(self, playlist: str, folder: str, life: timedelta) -> str:
        """40 µs a segment: a long film takes half a second, hence the thread."""
        return signed(playlist, lambda name: self._store.presign_get(artifact_key(folder, name), life))

    def _keep(self, key: str, text: str) -> None:
        self._bytes += len(text) - len(self._kept.pop(key, ("", 0.0))[0])
        self._kept[key] = (text, self._clock() + FRESH_SECONDS)
        while self._bytes > MOST_BYTES:
            oldest = next(iter(self._kept))
            self._bytes -= len(self._kept.pop(oldest)[0])
