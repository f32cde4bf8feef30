"""Releases of a made-up service: folders with migrations, and the job run on them as in its container."""

import os
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

PATIENCE = 60.0
CREATE = 'op.execute("CREATE TABLE IF NOT EXISTS thing (id INT)")'
SLOW = 'op.execute("SELECT pg_sleep(1)")'
CONCURRENTLY = """
    with op.get_context().autocommit_block():
        op.execute("CREATE INDEX CONCURRENTLY thing_id ON thing (id)")
"""


@dataclass(frozen=True)
class Release:
    """An image's code: one Python package, `trial`, with so many migrations."""

    root: Path

    @classmethod
    def made(cls, root: Path, *steps: str) -> "Release":
        versions = root / "trial" / "migrations" / "versions"
        versions.mkdir(parents=True)
        (root / "trial" / "__init__.py").touch()
        for number, step in enumerate(steps, 1):
            before = f'"{number - 1:04d}"' if number > 1 else None
            text = f'from alembic import op\n\nrevision, down_revision = "{number:04d}", {before}\n\n'
            (versions / f"{number:04d}_step.py").write_text(f"{text}\ndef upgrade() -> None:\n    {step.strip()}\n")
        return cls(root)

    def start(self, *arguments: str, **environment: str) -> subprocess.Popen[str]:
        """`python -m libs.database …` in this image."""
        here = Path.cwd()
        return subprocess.Popen(
            [sys.executable, "-m", "libs.database", *arguments],
            cwd=self.root,
            env={"PATH": os.environ["PATH"], "PYTHONPATH": f"{self.root}:{here}:{here / 'gen'}", **environment},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def migrating(self, dsn: str) -> subprocess.Popen[str]:
        return self.start("migrate", "trial", ORRERY_MIGRATE__DSN=dsn)

    def waiting(self, dsn: str, *options: str, **environment: str) -> subprocess.Popen[str]:
        return self.start("wait", "trial", *options, ORRERY_DATABASE__DSN=dsn, **environment)


def ended(job: subprocess.Popen[str]) -> tuple[int, str, str]:
    """Its exit status and what it wrote."""
    out, err = job.communicate(timeout=PATIENCE)
    return job.returncode, out, err


def line(job: subprocess.Popen[str]) -> str:
    """The next line that it says."""
    assert job.stdout
    return job.stdout.readline().strip()


def until(happened: Callable[[], object]) -> None:
    end = time.monotonic() + PATIENCE
    while not happened():
        assert time.monotonic() < end
        time.sleep(0.02)
