"""The command line as an operator runs it: a process, its two streams, its exit status."""

import asyncio
import io
import os
import subprocess
import sys
from collections.abc import Mapping
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

import pytest
import structlog

from admin.__main__ import main

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Said:
    """How a command ended."""

    status: int
    out: str
    err: str


def orrery(*arguments: str, told: Mapping[str, str] = {}, folder: Path | None = None) -> Said:
    """Run `orrery …` with these ORRERY_ names and no others, in a folder that is not the repository's if one likes."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("ORRERY_", "STACK_"))}
    environment = {**kept, "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'gen'}", **told}
    command = [sys.executable, "-m", "admin", *arguments]
    done = subprocess.run(
        command, env=environment, capture_output=True, text=True, check=False, cwd=folder or ROOT, timeout=110
    )
    return Said(done.returncode, done.stdout, done.stderr)


def here(*arguments: str, told: Mapping[str, str], stdout: TextIO | None = None) -> Said:
    """The same within this process, where no loop runs: two seconds cheaper, for tests of many commands."""
    out, err, logs = io.StringIO(), io.StringIO(), structlog.get_config()
    with pytest.MonkeyPatch.context() as environment, redirect_stdout(stdout or out), redirect_stderr(err):
        for name, value in told.items():
            environment.setenv(name, value)
        try:
            status = main(list(arguments))
        finally:
            structlog.configure(**logs)
    return Said(status, out.getvalue(), err.getvalue())


async def beside(*arguments: str, told: Mapping[str, str]) -> Said:
    """`here`, in a thread beside the loop that runs."""
    return await asyncio.to_thread(here, *arguments, told=told)
