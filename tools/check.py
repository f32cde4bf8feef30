"""Runs every static check side by side: `python -m tools.check [NAME …]`.

One line a check with its seconds; only a check that fails shows what it said.
"""

import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path
from subprocess import PIPE, STDOUT

SCRIPTS = Path(sys.executable).parent
ENVIRONMENT = {**os.environ, "PYTHONPATH": f".{os.pathsep}gen"}
CODE = ("libs", "services", "gateway", "admin", "tools", "tests")
# The longest first, so that the others run beside it.
CHECKS: dict[str, list[str]] = {
    "types": ["mypy", *CODE],
    "migrations": ["python", "-m", "tools.migrations"],
    "wire": ["python", "-m", "tools.breaking"],
    "rules": ["python", "-m", "tools.lint"],
    "imports": ["lint-imports"],
    "protos": ["buf", "lint"],
    "style": ["ruff", "check", "."],
    "format": ["ruff", "format", "--check", "."],
}


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a check ended."""

    name: str
    seconds: float
    is_passed: bool
    output: str


def run(name: str) -> Outcome:
    script, *arguments = CHECKS[name]
    begun = time.monotonic()
    command = [str(SCRIPTS / script), *arguments]
    done = subprocess.run(command, env=ENVIRONMENT, stdout=PIPE, stderr=STDOUT, text=True, check=False)
    return Outcome(name, time.monotonic() - begun, done.returncode == 0, done.stdout)


def show(outcome: Outcome) -> None:
    print(f"{'ok  ' if outcome.is_passed else 'FAIL'}  {outcome.name:<12} {outcome.seconds:5.1f} s", flush=True)
    if not outcome.is_passed:
        print(outcome.output.rstrip() + "\n", flush=True)


def main(names: list[str]) -> None:
    if unknown := set(names) - CHECKS.keys():
        sys.exit(f"no check is called {', '.join(sorted(unknown))}; there are {', '.join(CHECKS)}")
    begun = time.monotonic()
    failed = []
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for done in as_completed([pool.submit(run, name) for name in names or CHECKS]):
            show(done.result())
            failed += [] if done.result().is_passed else [done.result().name]
    verdict = f"{', '.join(sorted(failed))} failed" if failed else "all passed"
    print(f"{len(names or CHECKS)} checks in {time.monotonic() - begun:.1f} s: {verdict}")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main(sys.argv[1:])
