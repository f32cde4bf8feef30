"""Temporary stack folders that clean up after themselves, even after a run that was killed."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tools.stack.processes import Managed, started

PREFIX = "orrery-stack-"


@contextmanager
def folder() -> Iterator[Path]:
    """A temporary stack folder, readable for other system users; first ends what killed runs left behind."""
    for abandoned in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        if is_abandoned(abandoned):
            remove(abandoned)
    made = Path(tempfile.mkdtemp(prefix=PREFIX))
    made.chmod(0o755)
    (made / "owner").write_text(f"{os.getpid()} {started(os.getpid())}")
    try:
        yield made
    finally:
        remove(made)


def is_abandoned(made: Path) -> bool:
    """Whether the process that made it is gone. A folder without a word of its owner is being made just now."""
    try:
        pid, ticks = (int(word) for word in (made / "owner").read_text().split())
    except (OSError, ValueError):
        return False
    return started(pid) != ticks


def remove(made: Path) -> None:
    for record in (made / "run").glob("*.json"):
        Managed(record.stem, made).end()
    shutil.rmtree(made, ignore_errors=True)
