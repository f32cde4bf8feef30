"""Scalar values of JSON and of query texts as what proto fields take; refused, never converted."""

import base64
import binascii
import math
import re
from collections.abc import Callable
from typing import Any, NamedTuple

from google.protobuf.descriptor import FieldDescriptor

from gateway.bridge.violations import Break

INTEGER = re.compile(r"-?(?:0|[1-9][0-9]{0,19})", re.ASCII)
NUMBER = re.compile(r"-?(?:0|[1-9][0-9]{0,99})(?:\.[0-9]{1,99})?(?:[eE]-?[0-9]{1,3})?", re.ASCII)


class Scalar(NamedTuple):
    """How a type is read; both answer the value, or the Break that says why not."""

    from_json: Callable[[Any], Any]
    from_text: Callable[[str], Any]


class UnsupportedType(TypeError):
    """A field type that has no public form; raised at start-up."""

    def __init__(self, field: FieldDescriptor, why: str) -> None:
        super().__init__(f"{field.full_name}: {why}")


def string(value: Any) -> Any:
    return value if type(value) is str else Break("string", {})


def text_string(text: str) -> Any:
    return Break("nul", {}) if "\0" in text else text


def boolean(value: Any) -> Any:
    return value if type(value) is bool else Break("boolean", {})


def text_boolean(text: str) -> Any:
    return {"true": True, "false": False}.get(text, Break("boolean", {}))


def number(value: Any) -> Any:
    if type(value) is int or isinstance(value, float):  # a bool is an int only to isinstance
        return float(value)
    return Break("number", {})


def text_number(text: str) -> Any:
    value = float(text) if NUMBER.fullmatch(text) else math.inf
    return value if math.isfinite(value) else Break("number", {})


def binary(value: Any) -> Any:
    """Standard base64 with its padding, as proto3 JSON writes it."""
    try:
        return base64.b64decode(value, validate=True) if type(value) is str else Break("base64", {})
    except (binascii.Error, ValueError):
        return Break("base64", {})


def integer(bits: int, is_signed: bool) -> Scalar:
    """An integer of that width; a JSON number with a point or exponent is none, even 1.0."""
    low, high = (-(1 << bits - 1), (1 << bits - 1) - 1) if is_signed else (0, min((1 << bits) - 1, (1 << 63) - 1))
    outside, wrong = Break("range", {"low": str(low), "high": str(high)}), Break("integer", {})

    def from_json(value: Any) -> Any:
        if type(value) is not int:
            return wrong
        return value if low <= value <= high else outside

    return Scalar(from_json, lambda text: from_json(int(text)) if INTEGER.fullmatch(text) else wrong)


INT32, INT64 = integer(32, is_signed=True), integer(64, is_signed=True)
UINT32, UINT64 = integer(32, is_signed=False), integer(64, is_signed=False)
STRING = Scalar(string, text_string)
SCALARS: dict[int, Scalar] = {
    FieldDescriptor.TYPE_INT32: INT32,
    FieldDescriptor.TYPE_SINT32: INT32,
    FieldDescriptor.TYPE_SFIXED32: INT32,
    FieldDescriptor.TYPE_INT64: INT64,
    FieldDescriptor.TYPE_SINT64: INT64,
    FieldDescriptor.TYPE_SFIXED64: INT64,
    FieldDescriptor.TYPE_UINT32: UINT32,
    FieldDescriptor.TYPE_FIXED32: UINT32,
    FieldDescriptor.TYPE_UINT64: UINT64,
    FieldDescriptor.TYPE_FIXED64: UINT64,
    FieldDescriptor.TYPE_DOUBLE: Scalar(number, text_number),
    FieldDescriptor.TYPE_BOOL: Scalar(boolean, text_boolean),
    FieldDescriptor.TYPE_STRING: STRING,
    FieldDescriptor.TYPE_BYTES: Scalar(binary, binary),
}


def scalar_of(field: FieldDescriptor) -> Scalar:
    """How the field's type is read; raises UnsupportedType."""
    if field.type == FieldDescriptor.TYPE_ENUM:
        raise UnsupportedType(field, "an enum has no public form; use a string with `in`")
    if field.type == FieldDescriptor.TYPE_FLOAT:
        raise UnsupportedType(field, "a float comes back with other digits; use a double")
    return SCALARS[field.type]
