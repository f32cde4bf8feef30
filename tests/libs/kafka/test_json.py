"""Events as JSON: nothing is lost, numbers stay numbers, and any ProtoJSON parser reads them."""

import json
import math
from itertools import product
from typing import Any

import orjson
import pytest
from google.protobuf import json_format
from hypothesis import given
from hypothesis import strategies as st

from libs.kafka import from_json, to_json
from tests.libs.generated import ledger

TEXT = st.text(st.characters(exclude_categories=["Cs"]))
INT64, INT32 = st.integers(-(2**63), 2**63 - 1), st.integers(-(2**31), 2**31 - 1)
UINT64 = st.integers(0, 2**64 - 1)
NOTED = st.builds(ledger.Noted, number=INT64, text=TEXT)
FIELDS = {  # no float beyond 2^127: json_format refuses to read the largest that it writes itself
    "a_double": st.floats(),
    "a_float": st.floats(-(2.0**127), 2.0**127, width=32) | st.sampled_from([math.inf, -math.inf, math.nan]),
    "an_int32": INT32,
    "an_int64": INT64,
    "a_uint32": st.integers(0, 2**32 - 1),
    "a_uint64": UINT64,
    "a_sint64": INT64,
    "a_fixed64": UINT64,
    "an_sfixed32": INT32,
    "a_bool": st.booleans(),
    "a_string": TEXT,
    "noted": NOTED,
    "numbers": st.lists(INT64, max_size=3),
    "texts": st.lists(TEXT, max_size=3),
    "reals": st.lists(st.floats(), max_size=3),
    "many": st.lists(NOTED, max_size=2),
}
SOMETIMES = {"maybe": INT64, "perhaps": TEXT, "left": TEXT}
EVENTS = st.fixed_dictionaries(FIELDS, optional=SOMETIMES).map(lambda values: ledger.Everything(**values))


@given(EVENTS)
def test_what_is_written_is_read_as_the_same_event(event: Any) -> None:
    read = from_json(ledger.Everything, to_json(event))

    assert read.SerializeToString(deterministic=True) == event.SerializeToString(deterministic=True) or has_nan(event)
    assert str(read) == str(event)


@given(EVENTS)
def test_every_proto_json_parser_reads_it(event: Any) -> None:
    assert str(json_format.Parse(to_json(event), ledger.Everything())) == str(event)


@given(EVENTS)
def test_what_another_proto_json_writer_wrote_is_read(event: Any) -> None:
    for names, everything in product((False, True), repeat=2):
        written = json_format.MessageToJson(
            event, preserving_proto_field_name=names, always_print_fields_with_no_presence=everything
        )
        assert str(from_json(ledger.Everything, written.encode())) == str(event)


@given(INT64)
def test_numbers_are_numbers(number: int) -> None:
    written = to_json(ledger.Noted(number=number))

    assert json.loads(written)["number"] == number
    assert type(json.loads(written)["number"]) is int


def test_every_field_is_written_and_those_with_presence_where_they_are_set() -> None:
    written = orjson.loads(to_json(ledger.Everything(perhaps="")))

    assert {"a_double", "a_bool", "numbers", "many", "perhaps"} <= written.keys()
    assert not {"maybe", "noted", "left", "right"} & written.keys()


def test_a_field_from_a_later_release_is_passed_over() -> None:
    assert from_json(ledger.Noted, b'{"number":5,"later":{"a":[1]}}').number == 5


@given(st.binary())
def test_bytes_that_are_no_event_raise_value_error_alone(value: bytes) -> None:
    try:
        from_json(ledger.Noted, value)
    except ValueError:
        return


@pytest.mark.parametrize(
    "value",
    [
        b"",
        b"null",
        b"5",
        b"[]",
        b'"x"',
        b"{",
        b'{"number":"x"}',
        b'{"number":1.5}',
        b'{"number":1e30}',
        b'{"number":' + b"9" * 40 + b"}",
        b'{"text":5}',
        b'{"text":"\xff"}',
        b'{"text":"\\ud800"}',
        b'{"number":NaN}',
        b'{"a":' * 5_000,
        b"[" * 200_000,
    ],
    ids=lambda value: value[:20],
)
def test_what_is_no_event_is_refused(value: bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        from_json(ledger.Noted, value)


@pytest.mark.parametrize("kind", [ledger.WithBytes, ledger.WithMap, ledger.WithEnum])
def test_fields_that_no_event_may_have_are_named(kind: Any) -> None:
    with pytest.raises(TypeError, match="events carry no bytes, enums, groups or maps"):
        to_json(kind())


def has_nan(event: Any) -> bool:
    """NaN has many bit patterns, and JSON one word."""
    return any(map(math.isnan, [event.a_double, event.a_float, *event.reals]))
