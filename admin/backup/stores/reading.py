"""Chunks as a file that can be read, for what wants one."""

from collections.abc import Iterable
from typing import BinaryIO, cast


class Reading:
    """Reads the chunks one after the other; what they raise comes out of `read`."""

    def __init__(self, chunks: Iterable[bytes]) -> None:
        self._chunks = iter(chunks)
        self._left = b""

    def read(self, size: int = -1) -> bytes:
        """So many bytes, fewer only at the end."""
        parts, missing = [self._left], size - len(self._left)
        while size < 0 or missing > 0:
            chunk = next(self._chunks, None)
            if chunk is None:
                break
            parts.append(chunk)
            missing -= len(chunk)
        whole = b"".join(parts)
        cut = len(whole) if size < 0 else size
        self._left = whole[cut:]
        return whole[:cut]


def reading(chunks: Iterable[bytes]) -> BinaryIO:
    """For clients that ask for a whole file object and only read."""
    return cast("BinaryIO", Reading(chunks))
