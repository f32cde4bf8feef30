"""Which JSON texts are read, and which are refused."""

import json
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from gateway.bridge import reader
from libs.errors import Invalid

DOCUMENTS = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(*reader.INT64)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"])),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"])), inner, max_size=4)
    ),
    max_leaves=12,
)


@pytest.mark.parametrize(
    ("text", "refusal"),
    [
        (b"", reader.NotJson),
        (b"{", reader.NotJson),
        (b"{} {}", reader.NotJson),
        (b"{}x", reader.NotJson),
        (b"{'a': 1}", reader.NotJson),
        (b'{"a": 01}', reader.NotJson),
        (b'{"a": 1,}', reader.NotJson),
        (b'{"a": "\x01"}', reader.NotJson),
        (b'{"a": "\xff"}', reader.NotJson),
        (b'{"a": "\xed\xa0\x80"}', reader.NotJson),
        (b"\xef\xbb\xbf{}", reader.NotJson),
        ('{"a": 1}'.encode("utf-16"), reader.NotJson),
        (b'{"a": 1, "a": 2}', reader.DuplicateKey),
        (b'{"a": 1, "\\u0061": 2}', reader.DuplicateKey),
        (b'{"a": {"b": [{"c": 1, "c": 1}]}}', reader.DuplicateKey),
        (b'{"a": "\\u003a", "b": 1, "b": 2}', reader.DuplicateKey),
        (b'{"a": ":", "b": 1, "b": ":"}', reader.DuplicateKey),
        (b'{"a": NaN}', reader.NumberRefused),
        (b'{"a": Infinity}', reader.NumberRefused),
        (b'{"a": -Infinity}', reader.NumberRefused),
        (b'{"a": 1e400}', reader.NumberRefused),
        (b'{"a": 9223372036854775808}', reader.NumberRefused),
        (b'{"a": -9223372036854775809}', reader.NumberRefused),
        (b'{"a": 18446744073709551616}', reader.NumberRefused),
        (b'{"a": ' + b"1" * 5000 + b"}", reader.NumberRefused),
        (b'{"a": "\\u0000"}', reader.CharacterRefused),
        (b'{"\\u0000": 1}', reader.CharacterRefused),
        (b'{"a": "\\\\\\u0000"}', reader.CharacterRefused),
        (b'{"a": "\\ud800"}', reader.CharacterRefused),
        (b'{"a": "\\udc00\\ud800"}', reader.CharacterRefused),
        (b"[" * 65 + b"]" * 65, reader.TooDeep),
        (b'{"a":' * 65 + b"1" + b"}" * 65, reader.TooDeep),
        (b"[" * 100_000, reader.TooDeep),
        (b"[" * 2000 + b"]" * 2000, reader.TooDeep),
    ],
)
def test_what_two_parsers_could_read_in_two_ways_is_refused(text: bytes, refusal: type[Invalid]) -> None:
    with pytest.raises(refusal):
        reader.read(text)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        (b" {} \n", {}),
        (b'{"a": "\\\\u0000"}', {"a": "\\u0000"}),
        (b'{"a": "\\ud83d\\ude00"}', {"a": "\U0001f600"}),
        (b'{"a:b": "c:d", "e": [":", {"f": ":"}]}', {"a:b": "c:d", "e": [":", {"f": ":"}]}),
        (b"9223372036854775807", 9223372036854775807),
        (b"-9223372036854775808", -9223372036854775808),
        (b'{"a": 1e20}', {"a": 1e20}),
        (b'{"a": 0e9}', {"a": 0.0}),
        (b"[" * 64 + b"]" * 64, json.loads("[" * 64 + "]" * 64)),
    ],
)
def test_what_is_unusual_and_right_is_read(text: bytes, value: Any) -> None:
    assert reader.read(text) == value


@pytest.mark.parametrize("text", [b"1e-400", b"-0.1e-500", b"0." + b"0" * 200 + b"1"])
def test_a_number_to_be_kept_that_no_double_holds_is_refused(text: bytes) -> None:
    with pytest.raises(reader.NumberRefused):
        reader.read(text, keep_numbers=True)


@pytest.mark.parametrize(
    "text", ["5", "5.0", "1e2", "0.1", "-0.0", "0.12345678901234567890123", "1E+2", '{"a":[1.50,{"b":2.0}],"c":5}']
)
def test_numbers_are_written_as_they_were_sent(text: str) -> None:
    assert reader.written(reader.read(text.encode(), keep_numbers=True)) == text.encode()


@given(st.binary(max_size=60))
def test_no_bytes_raise_anything_but_a_refusal(text: bytes) -> None:
    try:
        reader.read(text)
    except Invalid:
        return
    assert json.loads(text) == reader.read(text)


@given(st.text(alphabet='{}[]":,\\u0ad8e1.-+NIfntrl ', max_size=40))
@example('{"":0,"":0}')
@example('{":":0,"\\u003a":0}')
@example('["\\\\\\u0000"]')
def test_texts_near_json_raise_nothing_but_a_refusal(text: str) -> None:
    try:
        value = reader.read(text.encode())
    except Invalid:
        return
    assert value == json.loads(text)


@given(DOCUMENTS, st.booleans(), st.booleans())
def test_every_document_is_read_as_it_was_meant(document: Any, is_ascii: bool, keep_numbers: bool) -> None:
    text = json.dumps(document, ensure_ascii=is_ascii).encode()

    assert reader.read(text, keep_numbers=keep_numbers) == document
    assert json.loads(reader.written(reader.read(text, keep_numbers=True))) == document
