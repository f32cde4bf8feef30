"""A tool's output, line by line, in constant memory."""

from asyncio import StreamReader
from collections.abc import Callable

CHUNK = 65536

Fold = Callable[[bytes], None]
"""Takes one line, without its newline."""


def ignore(line: bytes) -> None:
    """Folds nothing."""


async def each_line(stream: StreamReader | None, fold: Fold) -> None:
    """Cut a stream into lines; a line longer than a chunk is cut there."""
    rest = b""
    while chunk := await reader(stream).read(CHUNK):
        *lines, rest = (rest + chunk).split(b"\n")
        for line in lines:
            fold(line)
        if len(rest) > CHUNK:
            fold(rest)
            rest = b""
    if rest:
        fold(rest)


def reader(stream: StreamReader | None) -> StreamReader:
    if stream is None:
        raise RuntimeError("the tool was started without a pipe")
    return stream
