"""Query strings and path parameters into messages."""

from contextlib import suppress
from typing import Any
from urllib.parse import quote

import pytest
from google.protobuf.json_format import MessageToDict
from hypothesis import given
from hypothesis import strategies as st

from gateway.bridge.names import CAMEL, SNAKE
from gateway.bridge.query import Query, QueryMalformed
from gateway.bridge.violations import RulesBroken
from libs.errors import Invalid
from tests.gateway.bridge.things import ASKED, LISTED

DECODE = Query(ASKED, CAMEL, ["thing_id"])
DECODE_LIST = Query(LISTED, CAMEL)
PATH = {"thing_id": "7"}


def decode(query: str, thing: str = "7") -> Any:
    return DECODE(query.encode(), {"thing_id": thing})


def listed(query: str) -> dict[str, Any]:
    asked: Any = DECODE_LIST(query.encode(), {})
    return MessageToDict(asked.query, preserving_proto_field_name=True)


def broken(query: str, thing: str = "7", of: Query = DECODE) -> list[tuple[str, str]]:
    with pytest.raises(RulesBroken) as refused:
        of(query.encode(), {"thing_id": thing})
    return [(one.field, one.code) for one in refused.value.violations]


@pytest.mark.parametrize(
    ("query", "field", "code"),
    [
        ("limit=0", "limit", "too_small"),
        ("limit=101", "limit", "too_large"),
        ("limit=1_0", "limit", "invalid_type"),
        ("limit=%2B1", "limit", "invalid_type"),
        ("limit=+1", "limit", "invalid_type"),
        ("limit=01", "limit", "invalid_type"),
        ("limit=1.0", "limit", "invalid_type"),
        ("limit=1e1", "limit", "invalid_type"),
        ("limit=0x10", "limit", "invalid_type"),
        ("limit=%EF%BC%91", "limit", "invalid_type"),
        ("limit=%D9%A1", "limit", "invalid_type"),
        ("limit=", "limit", "invalid_type"),
        ("limit", "limit", "invalid_type"),
        ("limit=1%0A", "limit", "invalid_type"),
        ("limit=" + "9" * 30, "limit", "invalid_type"),
        ("limit=99999999999", "limit", "out_of_range"),
        ("limit=1&limit=2", "limit", "repeated"),
        ("limit=1&limit=1", "limit", "repeated"),
        ("ratio=inf", "ratio", "invalid_type"),
        ("ratio=nan", "ratio", "invalid_type"),
        ("ratio=1e999", "ratio", "invalid_type"),
        ("ratio=1_0.5", "ratio", "invalid_type"),
        ("ratio=.5", "ratio", "invalid_type"),
        ("isOn=1", "isOn", "invalid_type"),
        ("isOn=True", "isOn", "invalid_type"),
        ("word=a%00b", "word", "invalid_character"),
        ("tagNames=a&tagNames=b&tagNames=c", "tagNames", "too_many"),
        ("tagNames=%00", "tagNames", "invalid_character"),
        ("lmit=5", "lmit", "unknown_field"),
        ("tag_names=a", "tag_names", "unknown_field"),
        ("thingId=5", "thingId", "unknown_field"),
        ("filter[a]=5", "filter[a]", "unknown_field"),
        ("%3Cb%3E=5", "?", "unknown_field"),
    ],
)
def test_a_parameter_that_breaks_a_rule_is_refused(query: str, field: str, code: str) -> None:
    assert broken(query) == [(field, code)]


@pytest.mark.parametrize(
    "thing", ["0", "-1", "abc", "1_0", "+1", "01", "", " 1", "1\x00", "9223372036854775808", "\u0661"]
)
def test_a_path_parameter_is_read_as_strictly(thing: str) -> None:
    assert [field for field, _ in broken("", thing)] == ["thingId"]


@pytest.mark.parametrize("query", [b"word=%ff", b"word=%c3%28", b"word=\xff", b"&".join([b"a=1"] * 101)])
def test_a_query_that_is_no_text_is_refused(query: bytes) -> None:
    with pytest.raises(QueryMalformed):
        DECODE(query, PATH)


def test_parameters_are_read_into_their_fields() -> None:
    asked = decode(
        "limit=100&ratio=-1.5e3&isOn=false&tagNames=a&tagNames=b&word=caf%C3%A9+%E6%97%A5", "9223372036854775807"
    )

    assert (asked.thing_id, asked.limit, asked.ratio, asked.is_on) == (2**63 - 1, 100, -1500.0, False)
    assert (list(asked.tag_names), asked.word) == (["a", "b"], "café 日")


def test_what_is_not_asked_stays_unset() -> None:
    assert not decode("").HasField("limit")


def test_a_misspelt_parameter_is_told_what_was_meant() -> None:
    with pytest.raises(RulesBroken) as refused:
        Query(ASKED, SNAKE, ["thing_id"])(b"tagNames=a", PATH)

    assert refused.value.violations[0].message == "There is no such field; did you mean tag_names?"


def test_a_list_is_asked_by_page_order_filters_search_and_fields() -> None:
    query = (
        "page=2&limit=50&sort=-createdAt,name&search=two+words&fields=id,name&filter[status]=ready&filter[size][gte]=5"
    )

    assert listed(query) == {
        "page": 2,
        "limit": 50,
        "sort": ["-createdAt", "name"],
        "search": "two words",
        "fields": ["id", "name"],
        "filters": [
            {"field": "status", "op": "eq", "value": "ready"},
            {"field": "size", "op": "gte", "value": "5"},
        ],
    }


def test_a_list_is_asked_by_cursor() -> None:
    assert listed("cursor=abc") == {"cursor": "abc"}
    assert listed("") == {}


@pytest.mark.parametrize(
    ("query", "field", "code"),
    [
        ("page=0", "page", "out_of_range"),
        ("page=x", "page", "invalid_type"),
        ("limit=101", "limit", "out_of_range"),
        ("limit=1&limit=2", "limit", "repeated"),
        ("cursor=a&page=1", "cursor", "conflicting_fields"),
        ("sort=a;b", "sort", "invalid_format"),
        ("sort=", "sort", "invalid_format"),
        ("fields=-a", "fields", "invalid_format"),
        ("filter[a][like]=5", "filter[a]", "not_allowed"),
        ("filter[a]=5&filter[a]=6", "filter[a]", "repeated"),
        ("filter[a]=%00", "filter[a]", "invalid_character"),
        ("search=" + "a" * 1001, "search", "too_long"),
        ("filter=5", "filter", "unknown_field"),
        ("filter[]=5", "filter[]", "unknown_field"),
        ("filter[a'b]=5", "?", "unknown_field"),
        ("pagee=5", "pagee", "unknown_field"),
    ],
)
def test_a_list_parameter_that_breaks_a_rule_is_refused(query: str, field: str, code: str) -> None:
    assert broken(query, of=DECODE_LIST) == [(field, code)]


@given(st.binary(max_size=60), st.text(max_size=10))
def test_no_query_raises_anything_but_a_refusal(query: bytes, thing: str) -> None:
    for one in (DECODE, DECODE_LIST):
        with suppress(Invalid):
            one(query, {"thing_id": thing})


@given(st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=20))
def test_every_text_travels(word: str) -> None:
    assert decode(f"word={quote(word)}").word == word
