"""Making a folder once, whoever asks and however often."""

import fcntl
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from tools.stack.errors import StackError


def make_once(target: Path, fill: Callable[[Path], None]) -> None:
    """Let `fill` fill an empty folder, which becomes `target` when it succeeds; waits while another process does it."""
    if target.exists():
        return
    with alone(target.parent / f".{target.name}.lock"):
        if target.exists():
            return
        draft = Path(tempfile.mkdtemp(prefix=f".{target.name}.", dir=target.parent))
        try:
            draft.chmod(0o755)
            fill(draft)
            draft.rename(target)
        finally:
            shutil.rmtree(draft, ignore_errors=True)


@contextmanager
def alone(lock: Path) -> Iterator[None]:
    """Let one block at a time run, over threads and processes; the others wait. The lock ends with its process."""
    lock.parent.mkdir(parents=True, exist_ok=True)
    with lock.open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        yield


def run(what: str, command: list[str], environment: Mapping[str, str], advice: str = "") -> None:
    """Run an installer quietly; raises StackError with the last lines it said when it fails."""
    done = subprocess.run(command, env=dict(environment), capture_output=True, text=True, check=False)
    if done.returncode:
        said = (done.stdout + done.stderr).splitlines()
        raise StackError(f"{what} could not be installed.", advice, "\n".join(said[-12:]))
