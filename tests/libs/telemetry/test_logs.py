"""Log lines: JSON, with ids, without secrets. What is tested is what a process writes to stdout."""

import json
import subprocess
import sys
from typing import Any

import pytest

JWT = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiI1In0.c2lnbmF0dXJl"
START = """
import dataclasses, datetime, logging, uuid
from libs.settings import TelemetrySettings
from libs.telemetry import Telemetry, get_logger, set_request_id, span
log = get_logger("probe")
@dataclasses.dataclass
class Held:
    password: str
    url: str
class Odd:
    def __str__(self):
        return "Odd(https://user:hunter2@host/)"
with Telemetry("probe-service", TelemetrySettings(log_level="INFO")):
"""
# (a call, texts that must not be in its line, texts that must)
REDACTED = [
    ('log.info("x", password="hunter2")', ["hunter2"], ["[redacted]"]),
    ('log.info("x", new_password="hunter2", PASSWORD="hunter2")', ["hunter2"], []),
    ('log.info("x", refresh_token="hunter2", apiKey="hunter2", api_key="hunter2")', ["hunter2"], []),
    (
        'log.info("x", authorization="hunter2", cookie="hunter2", dsn="hunter2", client_secret="hunter2")',
        ["hunter2"],
        [],
    ),
    ('log.info("x", headers={"Authorization": "hunter2", "Accept": "kept"})', ["hunter2"], ["kept"]),
    ('log.info("x", nested={"a": [{"secret": "hunter2", "b": "kept"}]})', ["hunter2"], ["kept"]),
    ('log.info("x", pairs=(("a", "Bearer hunter2"),))', ["hunter2"], ["Bearer"]),
    (f'log.info("token {JWT} came")', [JWT, "eyJzdWIi"], ["came"]),
    (f'log.info("x", text="a {JWT} b")', [JWT], ["a [redacted] b"]),
    ('log.info("x", text="Authorization: Bearer hunter2.abc next")', ["hunter2"], ["next"]),
    ('log.info("x", text="key pk_live_hunter2 and pk_test_hunter2")', ["hunter2"], ["and"]),
    ('log.info("x", url="postgresql://app:hunter2@127.0.0.1/db")', ["hunter2"], ["127.0.0.1/db"]),
    ('log.info("x", url="https://s3/b/k?X-Amz-Signature=abcdef0123&x=1")', ["abcdef0123"], ["x=1"]),
    ('log.info("x", error=ValueError("https://user:hunter2@host/"))', ["hunter2"], ["host"]),
    ('log.info("x", odd=Odd())', ["hunter2"], ["host"]),
    ('log.info("x", held=Held("pk_live_hunter2", "https://user:hunter2@host/"))', ["hunter2"], ["host"]),
    ('logging.getLogger("other").warning("a %s b", "Bearer hunter2")', ["hunter2"], ["Bearer"]),
    ('logging.getLogger("other").warning("https://u:hunter2@host %s", 5)', ["hunter2"], ["host 5"]),
]
KEPT = [
    ('log.info("x", path="/a/\\ud800b")', "path"),
    ('log.info("x", number=2**70)', "number"),
    ('log.info("x", when=datetime.datetime(2026, 1, 1), id=uuid.UUID(int=5))', "when"),
    ('log.info("x", keys={1: "a", (2, 3): "b"})', "keys"),
    ('log.info("x", raw=b"\\xff\\x00")', "raw"),
    ('log.info("x", nan=float("nan"))', "nan"),
    ('log.info("line\\nbreak")', "event"),
]


def lines(*calls: str, level: str = "INFO") -> list[dict[str, Any]]:
    """What a process prints that makes these calls."""
    program = START.replace("INFO", level) + "\n".join(f"    {call}" for call in calls)
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert not done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_secrets_are_blanked_by_name_and_by_shape() -> None:
    found = lines(*(call for call, _, _ in REDACTED))

    for (call, hidden, shown), line in zip(REDACTED, found, strict=True):
        text = json.dumps(line)
        assert not [secret for secret in hidden if secret in text], call
        assert all(part in text for part in shown), (call, text)


def test_no_value_loses_its_line() -> None:
    found = lines(*(call for call, _ in KEPT))

    for (call, name), line in zip(KEPT, found, strict=True):
        assert line.get(name) is not None or name == "nan", call


def test_a_line_says_who_when_where_and_for_which_request() -> None:
    [line] = lines('set_request_id("req-5"); log.warning("thing_happened", count=3)')

    assert {name: line[name] for name in ("event", "level", "logger", "service", "request_id", "count")} == {
        "event": "thing_happened",
        "level": "warning",
        "logger": "probe",
        "service": "probe-service",
        "request_id": "req-5",
        "count": 3,
    }
    assert line["timestamp"].endswith("Z")


def test_a_line_within_a_span_carries_its_ids() -> None:
    parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"

    [line] = lines(f'exec("with span(\\"x\\", parent=\\"{parent}\\"): log.info(\\"inside\\")")')

    assert line["trace_id"] == "0af7651916cd43dd8448eb211c80319c"
    assert len(line["span_id"]) == 16


def test_a_traceback_is_one_line_without_secrets() -> None:
    fail = "try:\\n  raise ValueError('https://u:hunter2@host')\\nexcept ValueError: log.exception('failed')"

    [line] = lines(f'exec("{fail}")')

    assert "Traceback" in line["exception"]
    assert "hunter2" not in json.dumps(line)


@pytest.mark.parametrize(("level", "count"), [("DEBUG", 3), ("INFO", 2), ("WARNING", 1)])
def test_lines_below_the_level_are_not_written(level: str, count: int) -> None:
    assert len(lines('log.debug("a"); log.info("b"); log.warning("c")', level=level)) == count
