"""Bodies into messages: what is read, and every reason why one is refused."""

from contextlib import suppress
from typing import Any

import orjson
import pytest
from google.protobuf.message import Message
from hypothesis import given
from hypothesis import strategies as st

from gateway.bridge.decoder import Body
from gateway.bridge.encoder import compile_encoder
from gateway.bridge.names import CAMEL, SNAKE
from gateway.bridge.violations import MOST, RulesBroken
from libs.errors import Invalid
from tests.gateway.bridge.test_reader import DOCUMENTS
from tests.gateway.bridge.things import RENAMED, THING

DECODE = Body(THING, CAMEL)
ENCODE = compile_encoder(THING, CAMEL)
UUID = "0190a8c4-6d58-7c3e-a111-0c4b5f2d9e10"


def decode(**members: Any) -> Any:
    return DECODE(orjson.dumps({"name": "abc", **members}), {})


def broken(body: bytes) -> list[tuple[str, str]]:
    """(field, code) of each violation."""
    with pytest.raises(RulesBroken) as refused:
        DECODE(body, {})
    return [(one.field, one.code) for one in refused.value.violations]


@pytest.mark.parametrize(
    ("member", "value", "field", "code"),
    [
        ("name", "a", "name", "too_short"),
        ("name", "abcdef", "name", "too_long"),
        ("name", "", "name", "required"),
        ("name", None, "name", "invalid_type"),
        ("name", 5, "name", "invalid_type"),
        ("small", "1", "small", "invalid_type"),
        ("small", True, "small", "invalid_type"),
        ("small", 1.0, "small", "invalid_type"),
        ("small", None, "small", "invalid_type"),
        ("small", 0, "small", "too_small"),
        ("small", 10, "small", "too_large"),
        ("small", 1 << 31, "small", "out_of_range"),
        ("unsigned", -1, "unsigned", "out_of_range"),
        ("ratio", "0.5", "ratio", "invalid_type"),
        ("ratio", True, "ratio", "invalid_type"),
        ("ratio", 0, "ratio", "too_small"),
        ("ratio", 1.5, "ratio", "too_large"),
        ("isOn", 1, "isOn", "invalid_type"),
        ("isOn", "true", "isOn", "invalid_type"),
        ("blob", "?", "blob", "invalid_format"),
        ("blob", "QUJD RA==", "blob", "invalid_format"),
        ("blob", 5, "blob", "invalid_format"),
        ("blob", "QUJDREU=", "blob", "too_long"),
        ("tags", "a", "tags", "invalid_type"),
        ("tags", {}, "tags", "invalid_type"),
        ("tags", [], "tags", "too_few"),
        ("tags", ["a", "b", "c", "d"], "tags", "too_many"),
        ("tags", ["a", "a"], "tags", "not_unique"),
        ("tags", ["a", 5], "tags[1]", "invalid_type"),
        ("tags", ["abcd"], "tags[0]", "too_long"),
        ("inner", [], "inner", "invalid_type"),
        ("inner", {}, "inner.name", "required"),
        ("inner", {"name": "abc", "small": 11}, "inner.small", "too_large"),
        ("parts", [{"size": 1}, {"size": "1"}], "parts[1].size", "invalid_type"),
        ("parts", [{"size": 1}, {}], "parts[1].size", "required"),
        ("parts", [5], "parts[0]", "invalid_type"),
        ("counts", [], "counts", "invalid_type"),
        ("counts", {"a": "1"}, "counts.a", "invalid_type"),
        ("counts", {"a": 1, "b": 2, "c": 3}, "counts", "too_many"),
        ("named", {"a": {"size": 1, "x": 1}}, "named.a.x", "unknown_field"),
        ("kind", "blue", "kind", "not_allowed"),
        ("mail", "someone", "mail", "invalid_format"),
        ("mail", "a@b c", "mail", "invalid_format"),
        ("key", UUID.replace("-", ""), "key", "invalid_format"),
        ("key", "{" + UUID[1:-1] + "}", "key", "invalid_format"),
        ("code", "abc\n", "code", "invalid_format"),
        ("code", "xabcX", "code", "invalid_format"),
        ("code", "\u0131", "code", "invalid_format"),
        ("link", "not a uri", "link", "invalid_format"),
        ("nam", "abc", "nam", "unknown_field"),
        ("big_number", 5, "big_number", "unknown_field"),
        ("oddName", "x", "oddName", "unknown_field"),
        ("<script>", 1, "?", "unknown_field"),
    ],
)
def test_a_value_that_breaks_a_rule_is_refused_with_its_field_and_code(
    member: str, value: Any, field: str, code: str
) -> None:
    assert broken(orjson.dumps({"name": "abc", member: value})) == [(field, code)]


@pytest.mark.parametrize(
    ("members", "expected"),
    [
        ({"ratio": 1}, {"ratio": 1.0}),
        ({"small": 9}, {"small": 9}),
        ({"bigNumber": 2**63 - 1}, {"bigNumber": 2**63 - 1}),
        ({"bigNumber": -(2**63)}, {"bigNumber": -(2**63)}),
        ({"isOn": False}, {"isOn": False}),
        ({"blob": "QUJDRA=="}, {"blob": "QUJDRA=="}),
        ({"blob": ""}, {"blob": ""}),
        ({"inner": {"name": "in"}}, {"inner": {"name": "in"}}),
        ({"named": {"a": {"size": 0}}}, {"named": {"a": {"size": 0}}}),
        ({"counts": {"a": 1}}, {"counts": {"a": 1}}),
        ({"user": "x"}, {"user": "x"}),
        ({"mail": "some.one+tag@example.co.jp"}, {"mail": "some.one+tag@example.co.jp"}),
        ({"key": UUID.upper()}, {"key": UUID.upper()}),
        ({"odd_name": "x"}, {"odd_name": "x"}),
        ({"link": "https://example.com/a?b#c"}, {"link": "https://example.com/a?b#c"}),
        ({"details": None}, {"details": None}),
    ],
)
def test_a_value_within_the_rules_comes_back(members: dict[str, Any], expected: dict[str, Any]) -> None:
    encoded = orjson.loads(orjson.dumps(ENCODE(decode(**members))))

    assert encoded.items() >= {key: value for key, value in expected.items() if not isinstance(value, dict)}.items()
    for name, value in expected.items():
        if isinstance(value, dict):
            assert encoded[name].items() >= value.items()


def test_all_violations_are_told_at_once() -> None:
    body = b'{"small": 99, "tags": [1, 2], "nmae": "x", "ratio": 7}'

    assert broken(body) == [
        ("small", "too_large"),
        ("tags[0]", "invalid_type"),
        ("tags[1]", "invalid_type"),
        ("nmae", "unknown_field"),
        ("ratio", "too_large"),
        ("name", "required"),
    ]


def test_no_more_than_twenty_violations_are_told() -> None:
    assert len(broken(orjson.dumps({f"field{n}": n for n in range(1000)}))) == MOST
    assert len(broken(orjson.dumps({"name": "abc", "parts": [{}] * 50}))) == MOST


def test_a_list_that_is_too_long_is_refused_before_its_items_are_looked_at() -> None:
    assert broken(orjson.dumps({"name": "abc", "parts": [5] * 51})) == [("parts", "too_many")]


@pytest.mark.parametrize(
    ("member", "guess"), [("nmae", "name"), ("bigNumbr", "bigNumber"), ("big_number", "bigNumber"), ("kinds", "kind")]
)
def test_an_unknown_field_is_told_what_was_meant(member: str, guess: str) -> None:
    with pytest.raises(RulesBroken) as refused:
        decode(**{member: 1})

    assert refused.value.violations[0].message == f"There is no such field; did you mean {guess}?"


@pytest.mark.parametrize("body", [b"5", b"[]", b'"x"', b"null", b"true", b"[[1]]"])
def test_a_body_that_is_no_object_is_refused(body: bytes) -> None:
    assert broken(body) == [("$", "invalid_type")]


def test_an_empty_body_is_an_object_without_members() -> None:
    assert broken(b"") == [("name", "required")]


def test_two_members_of_a_oneof_are_refused() -> None:
    assert broken(b'{"name": "abc", "user": "a", "group": "b"}') == [("user", "conflicting_fields")]


def test_a_field_of_the_path_is_read_and_not_taken_in_the_body() -> None:
    update = Body(RENAMED, CAMEL, ["thing_id"])

    renamed: Any = update(b'{"name": "x"}', {"thing_id": "7"})
    with pytest.raises(RulesBroken) as twice:
        update(b'{"thingId": 8}', {"thing_id": "7"})

    assert (renamed.thing_id, renamed.name) == (7, "x")
    assert twice.value.violations[0].message == "This stands in the path and is not taken here."


def test_names_follow_the_style_and_explicit_names_stand() -> None:
    snake = Body(THING, SNAKE)

    thing: Any = snake(b'{"name": "abc", "big_number": 5, "odd_name": "x"}', {})

    assert (thing.big_number, thing.odd_name) == (5, "x")


@pytest.mark.parametrize("text", ["5", "5.0", "1e2", "null", "[]", '{"a":0.1000,"b":[1,2.50]}', '"x"', "true"])
def test_raw_json_is_kept_as_it_was_sent(text: str) -> None:
    thing: Any = DECODE(b'{"name":"abc","details":%b,"notes":[%b],"documents":{"k":%b}}' % ((text.encode(),) * 3), {})

    assert thing.details.json == thing.notes[0].json == thing.documents["k"].json == text.encode()
    assert orjson.dumps(ENCODE(thing)["details"]) == text.encode()


@given(DOCUMENTS)
def test_raw_json_comes_back_true_in_value(document: Any) -> None:
    assert orjson.loads(orjson.dumps(ENCODE(decode(details=document))["details"])) == document


@given(st.binary(max_size=80) | DOCUMENTS.map(orjson.dumps))
def test_no_body_raises_anything_but_a_refusal(body: bytes) -> None:
    with suppress(Invalid):
        DECODE(body, {})


TEXT = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=5)


@st.composite
def things(draw: st.DrawFn) -> Message:
    """Any thing that its rules allow."""
    thing: Any = DECODE(b'{"name": "abc"}', {})
    thing.name = draw(st.text("abcé日", min_size=2, max_size=5))
    thing.big_number = draw(st.integers(-(2**63), 2**63 - 1))
    thing.ratio = draw(st.floats(0, 1, exclude_min=True))
    thing.is_on = draw(st.booleans())
    thing.blob = draw(st.binary(max_size=4))
    thing.tags.extend(draw(st.lists(st.text("abc", max_size=3), min_size=1, max_size=3, unique=True)))
    for size in draw(st.lists(st.integers(-(2**31), 2**31 - 1), max_size=3)):
        thing.parts.add(size=size, label=draw(TEXT))
    for key, value in draw(st.dictionaries(TEXT, st.integers(0, 9), max_size=2)).items():
        thing.counts[key] = value
    if draw(st.booleans()):
        thing.user = draw(TEXT)
        thing.inner.name = "in"
        thing.inner.tags.append("x")
    else:
        thing.named["a"].size = 1
    return thing  # type: ignore[no-any-return]  # made from a descriptor


@given(things())
def test_what_is_encoded_decodes_to_the_same_message(thing: Message) -> None:
    assert DECODE(orjson.dumps(ENCODE(thing)), {}) == thing
