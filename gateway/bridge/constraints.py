"""The fields' rules (buf.validate options) as functions, made once at start-up; an unknown rule stops the start.

Lengths are counted in characters (code points), as buf.validate counts them. A pattern is anchored and its field has a
`max_len`, so that matching is over whole, bounded strings and cannot be made slow.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from buf.validate import validate_pb2
from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.message import Message

from gateway.bridge.violations import Break

Check = Callable[[Any], Break | None]
Maker = Callable[[Any], Check]
NUMBERS = ("int32", "int64", "uint32", "uint64", "sint32", "sint64", "fixed32", "fixed64", "sfixed32", "sfixed64")
LABEL = r"[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?"
EMAIL = re.compile(rf"[a-zA-Z0-9.!#$%&'*+/=?^_`{{|}}~-]{{1,64}}@{LABEL}(?:\.{LABEL})*")  # HTML's <input type=email>
URI = re.compile(r"[a-zA-Z][a-zA-Z0-9+.-]{0,30}:[^\s<>\"{}|\\^`]+")  # RFC 3986, its outline
UUID_LENGTH = 36
SIZES = ("min_items", "max_items", "min_pairs", "max_pairs")  # looked at before any item is


class UnsupportedRule(TypeError):
    """A rule of a proto that the gateway cannot check; raised at start-up."""

    def __init__(self, owner: str, rule: str) -> None:
        super().__init__(f"{owner}: the rule {rule} is not supported by the gateway (gateway/bridge/constraints.py)")


@dataclass(frozen=True, slots=True)
class Constraints:
    """What a field asks: to be there, of its length (a list or map), of its value, of each item of its list."""

    is_required: bool = False
    sizes: tuple[Check, ...] = ()
    checks: tuple[Check, ...] = ()
    item_checks: tuple[Check, ...] = ()


def compile_constraints(field: FieldDescriptor) -> Constraints:
    """The field's rules; raises UnsupportedRule."""
    rules = field.GetOptions().Extensions[validate_pb2.field]
    for option, _ in rules.ListFields():
        if option.name not in ("required", rules.WhichOneof("type")):
            raise UnsupportedRule(field.full_name, option.name)
    return Constraints(
        rules.required,
        tuple(check for rule, check in checks(field, rules) if rule in SIZES),
        tuple(check for rule, check in checks(field, rules) if rule not in SIZES),
        tuple(check for _, check in checks(field, rules.repeated.items)),
    )


def ensure_bounded(field: FieldDescriptor) -> None:
    """Raise UnsupportedRule for a list or map of a body without a bound: a mebibyte holds half a million items."""
    rules = field.GetOptions().Extensions[validate_pb2.field]
    if not rules.repeated.max_items and not rules.map.max_pairs:
        raise UnsupportedRule(field.full_name, "repeated without max_items, or map without max_pairs")


def refuse_message_rules(message: Descriptor) -> None:
    """Raise UnsupportedRule where a message, or a oneof of it, has rules of its own."""
    extensions = message.GetOptions().Extensions
    for option, _ in extensions[validate_pb2.message].ListFields():
        raise UnsupportedRule(message.full_name, option.name)
    for one in message.oneofs:
        for option, _ in one.GetOptions().Extensions[validate_pb2.oneof].ListFields():
            raise UnsupportedRule(f"{message.full_name}.{one.name}", option.name)


def checks(field: FieldDescriptor, rules: validate_pb2.FieldRules) -> Iterable[tuple[str, Check]]:
    """Rule and check of each rule in the set that fits the field's type."""
    kind = rules.WhichOneof("type")
    if kind is None:
        return
    typed: Message = getattr(rules, kind)
    makers = MAKERS.get(kind, {})
    given = {rule.name: limit for rule, limit in typed.ListFields()}
    if "pattern" in given and not (is_anchored(given["pattern"]) and "max_len" in given):
        raise UnsupportedRule(field.full_name, "pattern without ^…$ and max_len")
    for rule, limit in given.items():
        if rule == "items" and kind == "repeated":
            continue  # compiled by the caller for each item
        if rule not in makers:
            raise UnsupportedRule(field.full_name, f"{kind}.{rule}")
        yield rule, makers[rule](limit)


def is_anchored(pattern: str) -> bool:
    return pattern.startswith("^") and pattern.endswith("$") and "|" not in re.sub(r"\(.*\)|\[.*?\]", "", pattern)


def breaks_when(rule: str, name: str, breaks: Callable[[Any, Any], bool]) -> Maker:
    """A maker of checks that break `rule` where `breaks(value, limit)`; the sentence names the limit as `name`."""

    def make(limit: Any) -> Check:
        broken = Break(rule, {name: listed(limit)})
        return lambda value: broken if breaks(value, limit) else None

    return make


def listed(limit: Any) -> str:
    """The limit as people read it: a list of values with commas, a whole double without its point."""
    if isinstance(limit, float):
        return f"{limit:g}"
    return str(limit) if isinstance(limit, int | str) else ", ".join(str(one) for one in limit)


def flag(rule: str, holds: Callable[[Any], bool]) -> Maker:
    """A maker for rules that are only switched on."""
    broken = Break(rule, {})
    return lambda is_on: lambda value: None if not is_on or holds(value) else broken


def pattern(text: str) -> Check:
    compiled, broken = re.compile(text, re.ASCII), Break("pattern", {})
    return lambda value: None if compiled.fullmatch(value) else broken


def members(rule: str, is_in: bool) -> Maker:
    """A maker of `in` and `not_in`."""

    def make(allowed: Iterable[Any]) -> Check:
        known = frozenset(allowed)
        broken = Break(rule, {"allowed": listed(list(allowed))} if is_in else {})
        return lambda value: None if (value in known) is is_in else broken

    return make


def is_uuid(text: str) -> bool:
    try:
        return len(text) == UUID_LENGTH and str(UUID(text)) == text.lower()
    except ValueError:
        return False


def size(rule: str, wrong: Callable[[int, int], bool], measure: Callable[[Any], int] = len) -> Maker:
    return breaks_when(rule, "limit", lambda value, limit: wrong(measure(value), limit))


def below(value: Any, limit: Any) -> bool:
    return bool(value < limit)


def above(value: Any, limit: Any) -> bool:
    return bool(value > limit)


NUMBER: dict[str, Maker] = {
    "gt": breaks_when("gt", "limit", lambda value, limit: value <= limit),
    "gte": breaks_when("gte", "limit", below),
    "lt": breaks_when("lt", "limit", lambda value, limit: value >= limit),
    "lte": breaks_when("lte", "limit", above),
    "in": members("in", True),
    "not_in": members("not_in", False),
}
STRING: dict[str, Maker] = {
    "len": size("len", lambda length, limit: length != limit),
    "min_len": size("min_len", below),
    "max_len": size("max_len", above),
    "min_bytes": size("min_bytes", below, lambda text: len(text.encode())),
    "max_bytes": size("max_bytes", above, lambda text: len(text.encode())),
    "pattern": pattern,
    "email": flag("email", lambda text: bool(EMAIL.fullmatch(text))),
    "uuid": flag("uuid", is_uuid),
    "uri": flag("uri", lambda text: bool(URI.fullmatch(text))),
    "in": members("in", True),
    "not_in": members("not_in", False),
}
MAKERS: dict[str, dict[str, Maker]] = {
    **dict.fromkeys(NUMBERS, NUMBER),
    "double": {**NUMBER, "finite": flag("number", lambda _: True)},  # no other number is read
    "string": STRING,
    "bytes": {"min_len": size("min_bytes", below), "max_len": size("max_bytes", above)},
    "repeated": {
        "min_items": size("min_items", below),
        "max_items": size("max_items", above),
        "unique": flag("unique", lambda items: len(set(items)) == len(items)),
    },
    "map": {"min_pairs": size("min_items", below), "max_pairs": size("max_items", above)},
}
