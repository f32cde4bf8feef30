"""Installs everything that needs no Python environment, all at once; `make up` runs this beside `uv sync`."""

import os
import sys
from concurrent.futures import Future, ThreadPoolExecutor

from tools.stack.errors import StackError
from tools.stack.install import apt, golang, maven
from tools.stack.layout import SETTINGS


def main() -> int:
    with ThreadPoolExecutor() as pool:
        early = os.environ.get("STACK_EARLY", "")
        jobs: list[Future[object]] = [pool.submit(packages, early), pool.submit(maven.ensure)]
        choice = os.environ.get("STACK_S3", "versitygw")
        if golang.is_usable():
            jobs += [pool.submit(golang.ensure, name) for name in programs(choice, early)]
    failures = [job.exception() for job in jobs if job.exception()]
    for failure in failures:
        print(failure, getattr(failure, "advice", ""), getattr(failure, "tail", ""), sep="\n", file=sys.stderr)
    return 0 if all(isinstance(failure, StackError) for failure in failures) else 1


def packages(early: str) -> None:
    """Debian's packages, one group after another: what the fleet needs comes first."""
    for group in ("debian", "debian_prometheus") if early == "tests" else ("debian",):
        apt.ensure(SETTINGS[group])


def programs(s3: str, early: str) -> tuple[str, ...]:
    """What to build: the chosen S3 server where it is a Go program, and for the tests what reads the charts."""
    server = (s3,) if s3 in golang.SERVERS else ()
    return (*server, *golang.CHARTS) if early == "tests" else server


if __name__ == "__main__":
    sys.exit(main())
