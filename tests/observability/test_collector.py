"""The collector's own program reads our configurations and understands our log lines.

It runs where `otelcol-contrib` is on PATH (one with the components that the configurations name is enough); what can be
told without it is in test_chart.py.
"""

import contextlib
import io
import json
import logging
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import structlog
import yaml
from opentelemetry.sdk.trace import TracerProvider

from libs.telemetry import get_logger, set_request_id
from libs.telemetry.logs import configure
from tests.observability.programs import Program
from tests.observability.sources import PLATFORM
from tools.stack import ports

COLLECTOR = PLATFORM / "collector"
STAMP = "2026-11-21T19:00:00.123456789Z stdout F "
PATIENCE = 60.0


@pytest.fixture(scope="module")
def otelcol() -> Program:
    if not shutil.which("otelcol-contrib"):
        pytest.skip("no otelcol-contrib on PATH")
    return Program("otelcol-contrib")


@pytest.fixture
def lines() -> Iterator[list[str]]:
    """What a process writes: a line inside a span, and one of another program."""
    before, handlers, level = structlog.get_config(), logging.root.handlers[:], logging.root.level
    with contextlib.redirect_stdout(io.StringIO()) as said:
        configure("auth", "INFO")
        set_request_id("req-1")
        with TracerProvider().get_tracer("tests").start_as_current_span("call"):
            get_logger("services.auth").warning("database_away", error="gone")
    yield [*said.getvalue().splitlines(), "plain text"]
    set_request_id("")
    structlog.configure(**before)
    logging.root.handlers[:], logging.root.level = handlers, level


@pytest.mark.parametrize("name", ["gateway", "logs"])
def test_the_collector_accepts_the_configuration(otelcol: Program, name: str) -> None:
    otelcol("validate", f"--config={COLLECTOR / name}.yaml")


def test_our_lines_keep_their_trace_their_time_and_their_text(
    otelcol: Program, lines: list[str], tmp_path: Path
) -> None:
    log = tmp_path / "pods" / "orrery_orrery-auth-1_0190-aa" / "auth" / "0.log"
    log.parent.mkdir(parents=True)
    log.write_text("".join(f"{STAMP}{line}\n" for line in lines))

    said = records(tmp_path)

    written = json.loads(lines[0])
    assert "service.name: Str(auth)" in said
    assert "k8s.pod.name: Str(orrery-auth-1)" in said
    assert f"Trace ID: {written['trace_id']}" in said
    assert "SeverityText: warning" in said
    assert f"Body: Str({lines[0]})" in said
    assert "event: Str(database_away)" in said
    assert "request_id: Str(req-1)" in said
    assert "Body: Str(plain text)" in said


def records(folder: Path) -> str:
    """What the collector would send of the logs in the folder, as its debug exporter shows it."""
    (folder / "config.yaml").write_text(yaml.safe_dump(config(folder)))
    said = folder / "said"
    with said.open("w") as output:
        process = subprocess.Popen(["otelcol-contrib", f"--config={folder}/config.yaml"], stderr=output, stdout=output)
    try:
        ends = time.monotonic() + PATIENCE
        while "LogRecord" not in said.read_text() and time.monotonic() < ends:
            time.sleep(0.1)
    finally:
        process.terminate()
        process.wait(30)
    messages = [json.loads(line)["msg"] for line in said.read_text().splitlines() if line.startswith("{")]
    return "\n".join(one for one in messages if "LogRecord" in one)


def config(folder: Path) -> dict[str, Any]:
    """The chart's, reading here, writing to its own output and listening on free ports."""
    made: dict[str, Any] = yaml.safe_load((COLLECTOR / "logs.yaml").read_text())
    made["receivers"]["file_log"]["include"] = [f"{folder}/pods/orrery_*/*/*.log"]
    made["extensions"]["file_storage"]["directory"] = f"{folder}/position"
    made["extensions"]["health_check"]["endpoint"] = f"127.0.0.1:{ports.free()}"
    [reader] = made["service"]["telemetry"]["metrics"]["readers"]
    reader["pull"]["exporter"]["prometheus"] = {"host": "127.0.0.1", "port": ports.free()}
    made["exporters"] = {"debug": {"verbosity": "detailed"}}
    made["service"]["pipelines"]["logs"]["exporters"] = ["debug"]
    return made
