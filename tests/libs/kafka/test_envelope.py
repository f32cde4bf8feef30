"""Headers are CloudEvents 1.0 in binary mode: the official SDK reads our records, and we read them back."""

import datetime as dt
from typing import Any

import pytest
from cloudevents.core.bindings.kafka import KafkaMessage, from_binary_event
from hypothesis import given
from hypothesis import strategies as st

from libs.kafka import Envelope, to_json
from libs.kafka.envelope import read_envelope
from tests.libs.generated import ledger

NOON = dt.datetime(2026, 11, 21, 12, 0, 0, 123456, dt.UTC)
EPOCH = dt.datetime(1, 1, 3, tzinfo=dt.timezone(dt.timedelta(hours=5, minutes=45)))
TEXT = st.text(st.characters(exclude_categories=["Cs"]), min_size=1)
FULL: dict[str, Any] = {
    "id": "3fa85f64-5717-4562-b3fc-2c963f66afa6",
    "type": "made_up.ledger.v1.Noted",
    "source": "ledger",
    "topic": "made_up.ledger.v1",
    "key": "größe 5 %41",
    "time": NOON,
    "user_id": 2**62,
    "organization_id": "0d9c8a52-3a0a-4a0c-9a0e-3a0a4a0c9a0e",
    "request_id": "req-5",
    "traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
}


def test_the_official_sdk_reads_our_records() -> None:
    envelope = Envelope(**FULL)
    value = to_json(ledger.Noted(number=2**62, text="größe"))

    event = from_binary_event(KafkaMessage(headers=dict(envelope.headers()), key=b"a key", value=value))

    assert event.get_specversion() == "1.0"
    assert (event.get_id(), event.get_type(), event.get_source()) == (envelope.id, envelope.type, "/orrery/ledger")
    assert (event.get_subject(), event.get_time()) == (envelope.key, NOON)
    assert event.get_datacontenttype() == "application/json"
    assert event.get_data() == {"number": 2**62, "text": "größe"}
    assert event.get_extension("userid") == str(2**62)
    assert event.get_extension("organizationid") == envelope.organization_id
    assert event.get_extension("requestid") == "req-5"
    assert event.get_extension("topic") == "made_up.ledger.v1"


def test_what_is_empty_is_left_out() -> None:
    bare = Envelope(**{**FULL, "user_id": 0, "organization_id": "", "request_id": "", "traceparent": ""})

    names = {name for name, _ in bare.headers()}

    assert not names & {"ce_userid", "ce_organizationid", "ce_requestid", "traceparent"}
    assert read_envelope(bare.headers()) == bare


@given(
    st.builds(
        Envelope,
        id=TEXT,
        type=TEXT,
        source=st.from_regex(r"[a-z][a-z-]*", fullmatch=True),
        topic=TEXT,
        key=TEXT,
        time=st.integers(0, 250_000_000_000_000_000).map(lambda micros: EPOCH + dt.timedelta(microseconds=micros)),
        user_id=st.integers(0, 2**63 - 1),
        organization_id=st.uuids().map(str),
        request_id=TEXT,
        traceparent=TEXT,
    )
)
def test_what_is_written_is_read(envelope: Envelope) -> None:
    assert read_envelope(envelope.headers()) == envelope


@pytest.mark.parametrize("name", ["ce_id", "ce_type", "ce_source", "ce_topic", "ce_time"])
def test_a_record_without_one_of_these_is_no_event_of_ours(name: str) -> None:
    headers = [(key, value) for key, value in Envelope(**FULL).headers() if key != name]

    with pytest.raises(ValueError, match=name):
        read_envelope(headers)


@pytest.mark.parametrize(
    ("name", "value"),
    [("ce_time", b"noon"), ("ce_time", b""), ("ce_userid", b"x"), ("ce_id", b"\xff"), ("ce_time", None)],
)
def test_headers_that_are_rubbish_raise_value_error(name: str, value: bytes | None) -> None:
    headers = [(key, value if key == name else old) for key, old in Envelope(**FULL).headers()]

    with pytest.raises(ValueError, match=r"."):
        read_envelope(headers)
