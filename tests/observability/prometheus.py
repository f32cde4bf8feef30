"""A Prometheus of its own: Debian's, on a free loopback port, with the tree's rules."""

import json
import os
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from urllib.request import urlopen

import yaml

from tests.observability.sources import PLATFORM
from tools.stack import ports
from tools.stack.processes import Managed

NAMESPACE = "orrery"
PATIENCE = 60.0
Sample = dict[str, Any]


class Prometheus:
    """Asked over its HTTP API."""

    def __init__(self, port: int) -> None:
        self._url = f"http://127.0.0.1:{port}"

    def query(self, expr: str) -> list[Sample]:
        """What an expression gives now; raises where Prometheus refuses it."""
        found: list[Sample] = self.ask("query", query=expr)["result"]
        return found

    def ask(self, what: str, **parameters: str) -> Any:
        with urlopen(f"{self._url}/api/v1/{what}?{urlencode(parameters)}", timeout=10) as answer:  # noqa: S310  # ours
            return json.load(answer)["data"]

    def wait(self) -> None:
        """Return once it answers."""
        ends = time.monotonic() + PATIENCE
        while True:
            try:
                self.ask("status/runtimeinfo")
            except OSError:
                if time.monotonic() > ends:
                    raise
                time.sleep(0.1)
            else:
                return


@contextmanager
def watching(folder: Path, targets: Mapping[str, str]) -> Iterator[Prometheus]:
    """A Prometheus that scrapes each job's address every two seconds, with the labels that a cluster would give it."""
    port = ports.free()
    (folder / "prometheus.yaml").write_text(yaml.safe_dump(config(targets)))
    process = Managed("prometheus", folder)
    options = [f"--config.file={folder}/prometheus.yaml", f"--storage.tsdb.path={folder}/tsdb"]
    process.spawn(["prometheus", *options, f"--web.listen-address=127.0.0.1:{port}"], os.environ, folder=folder)
    try:
        made = Prometheus(port)
        made.wait()
        yield made
    finally:
        process.end()


def config(targets: Mapping[str, str]) -> dict[str, Any]:
    labels = {"namespace": NAMESPACE, "fleet": NAMESPACE, "track": "blue"}
    return {
        "global": {"scrape_interval": "2s", "scrape_timeout": "2s", "evaluation_interval": "1s"},
        "rule_files": [str(PLATFORM / "recording" / "*.yaml"), str(PLATFORM / "alerts" / "*.yaml")],
        "scrape_configs": [
            {"job_name": job, "static_configs": [{"targets": [address], "labels": {**labels, "pod": f"{job}-0"}}]}
            for job, address in targets.items()
        ],
    }
