"""What the bridge cannot serve stops the start, with its name."""

import pytest

from gateway.bridge.constraints import UnsupportedRule
from gateway.bridge.decoder import Body
from gateway.bridge.encoder import compile_encoder
from gateway.bridge.names import CAMEL
from gateway.bridge.query import Query
from gateway.bridge.scalars import UnsupportedType
from tests.gateway.protos import message, proto

FILE = proto(
    "unsupported",
    """
message Cel { string a = 1 [(buf.validate.field).cel = {id: "x", expression: "true"}]; }
message Ipv4 { string a = 1 [(buf.validate.field).string.ipv4 = true]; }
message Prefix { string a = 1 [(buf.validate.field).string.prefix = "x"]; }
message Unbounded { string a = 1 [(buf.validate.field).string.pattern = "^a+$"]; }
message Unanchored { string a = 1 [(buf.validate.field).string = {max_len: 5, pattern: "a+"}]; }
message Half { string a = 1 [(buf.validate.field).string = {max_len: 5, pattern: "^a|b$"}]; }
message Ignored { string a = 1 [(buf.validate.field).ignore = IGNORE_ALWAYS]; }
message Whole { option (buf.validate.message).cel = {id: "x", expression: "true"}; string a = 1; }
message Chosen { oneof one { option (buf.validate.oneof).required = true; string a = 1; string b = 2; } }
message Deep { Cel inner = 1; }
enum Colour { COLOUR_UNSPECIFIED = 0; }
message Enumerated { Colour a = 1; }
message Single { float a = 1; }
message Keyed { map<int64, string> a = 1 [(buf.validate.field).map.max_pairs = 5]; }
message Endless { repeated string a = 1; }
message EndlessMap { map<string, string> a = 1; }
""",
)


@pytest.mark.parametrize(
    ("name", "rule"),
    [
        ("Cel", "Cel.a: the rule cel"),
        ("Ipv4", "Ipv4.a: the rule string.ipv4"),
        ("Prefix", "Prefix.a: the rule string.prefix"),
        ("Unbounded", "Unbounded.a: the rule pattern without"),
        ("Unanchored", "Unanchored.a: the rule pattern without"),
        ("Half", "Half.a: the rule pattern without"),
        ("Ignored", "Ignored.a: the rule ignore"),
        ("Whole", "Whole: the rule cel"),
        ("Chosen", "Chosen.one: the rule required"),
        ("Deep", "Cel.a: the rule cel"),
        ("Endless", "Endless.a: the rule repeated without max_items"),
        ("EndlessMap", "EndlessMap.a: the rule repeated without max_items"),
    ],
)
def test_a_rule_that_cannot_be_checked_is_refused_by_name(name: str, rule: str) -> None:
    with pytest.raises(UnsupportedRule, match=rule):
        Body(message(FILE, name), CAMEL)


@pytest.mark.parametrize("name", ["Enumerated", "Single", "Keyed"])
def test_a_type_without_a_public_form_is_refused(name: str) -> None:
    with pytest.raises(UnsupportedType, match=f"{name}.a"):
        Body(message(FILE, name), CAMEL)


@pytest.mark.parametrize("name", ["Enumerated", "Single"])
def test_a_type_without_a_public_form_is_refused_in_answers(name: str) -> None:
    with pytest.raises(UnsupportedType, match=f"{name}.a"):
        compile_encoder(message(FILE, name), CAMEL)


def test_a_path_parameter_that_is_no_field_is_refused() -> None:
    with pytest.raises(TypeError, match=r"\{thing_id\} is no scalar field"):
        Query(message(FILE, "Keyed"), CAMEL, ["thing_id"])


def test_a_message_cannot_be_a_query_parameter() -> None:
    with pytest.raises(TypeError, match=r"Deep\.inner is a message"):
        Query(message(FILE, "Deep"), CAMEL)
