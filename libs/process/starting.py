"""Runs a process's `main`; what keeps it from starting is one line, for whoever deployed it."""

import asyncio
import signal
import sys
from collections.abc import Callable, Coroutine
from typing import Any, NoReturn

from libs.errors import CannotStart

Main = Coroutine[Any, Any, None]


def run(main: Main, by: Callable[[Main], None] = asyncio.run) -> None:
    """Run it to its end. A file that is missing, a value that cannot be, a taken port: one line, status 1.

    What falls while the process lives comes out of its task group as an ExceptionGroup, and keeps its traceback.
    """
    signal.signal(signal.SIGTERM, end)
    try:
        by(main)
    except (CannotStart, OSError, ValueError) as wrong:
        sys.exit(sentence(wrong))


def sentence(wrong: Exception) -> str:
    """What is wrong, in one line."""
    if isinstance(wrong, OSError) and wrong.strerror and wrong.filename:
        return f"{wrong.filename}: {wrong.strerror}"
    said = " ".join(f"{wrong}".split())
    return said if isinstance(wrong, CannotStart) or said else type(wrong).__name__


def end(*_: object) -> NoReturn:
    """Told to end before it began: as the first process of a container nothing else would end it."""
    sys.exit(0)
