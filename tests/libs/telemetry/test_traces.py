"""Spans and the traceparent header."""

import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st
from opentelemetry import trace

from libs.telemetry import span, traceparent
from libs.telemetry.traces import parse
from tests.e2e.otlp import receiving

GOOD = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


@pytest.mark.parametrize(
    ("header", "is_valid"),
    [
        (GOOD, True),
        (GOOD[:-2] + "00", True),
        ("01" + GOOD[2:], True),
        ("ff" + GOOD[2:], False),
        (GOOD.upper(), False),
        (GOOD + "-extra", False),
        (GOOD[:-1], False),
        (GOOD.replace("0af7", "0xf7"), False),
        (GOOD.replace("0af7", "0_f7"), False),
        (GOOD.replace("0af7", " +f7"), False),
        ("00-" + "0" * 32 + "-b7ad6b7169203331-01", False),
        ("00-0af7651916cd43dd8448eb211c80319c-" + "0" * 16 + "-01", False),
        ("", False),
        ("-" * 55, False),
        (GOOD.replace("-", "_"), False),
        (GOOD + "\n", False),
        ("\u0660\u0660" + GOOD[2:], False),
    ],
)
def test_a_traceparent_is_taken_or_passed_over(header: str, is_valid: bool) -> None:
    assert (parse(header) is not None) is is_valid


@given(st.text())
def test_no_header_raises(header: str) -> None:
    parse(header)


@given(st.integers(1, 2**128 - 1), st.integers(1, 2**64 - 1), st.integers(0, 255))
def test_what_one_process_writes_another_reads(trace_id: int, span_id: int, flags: int) -> None:
    header = f"00-{trace_id:032x}-{span_id:016x}-{flags:02x}"

    context = trace.get_current_span(parse(header)).get_span_context()

    assert (context.trace_id, context.span_id, context.is_remote) == (trace_id, span_id, True)


def test_a_block_under_a_parent_is_of_its_trace() -> None:
    with span("inside", parent=GOOD):
        assert (traceparent() or "").split("-")[1] == GOOD.split("-")[1]

    assert traceparent() is None


def test_a_malformed_parent_leaves_the_current_trace() -> None:
    with span("outside", parent=GOOD), span("inside", parent="rubbish"):
        assert (traceparent() or "").split("-")[1] == GOOD.split("-")[1]


def test_spans_reach_the_collector_before_the_process_ends_and_tell_no_text_of_a_failure() -> None:
    program = """
import sys
from libs.settings import TelemetrySettings
from libs.telemetry import Telemetry, span
with Telemetry("probe-service", TelemetrySettings(otlp_endpoint=sys.argv[1])):
    with span("outer", attributes={"n": 5}):
        try:
            with span("inner"):
                raise ValueError("hunter2")
        except ValueError:
            pass
"""
    with receiving() as receiver:
        subprocess.run([sys.executable, "-c", program, receiver.endpoint], check=True)

        spans = {one.name: one for one in receiver._spans}

    assert set(spans) == {"outer", "inner"}
    assert spans["inner"].parent == spans["outer"].id
    assert {one.service for one in spans.values()} == {"probe-service"}
    assert "hunter2" not in str(spans)


def test_no_spans_are_made_where_no_collector_is_named() -> None:
    with span("nothing") as current:
        assert not current.is_recording()
