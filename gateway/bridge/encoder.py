"""Messages into plain Python values for orjson, compiled once per message and style of names.

64-bit integers are numbers; an unset `optional` field or submessage is left out; every other scalar, list and map is
always there. RawJson goes through as the bytes it is.
"""

import base64
from collections.abc import Callable
from operator import attrgetter
from typing import Any

import orjson
from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.message import Message

from gateway.bridge.fields import entry_of, is_map, is_raw
from gateway.bridge.names import Names
from gateway.bridge.scalars import scalar_of

Convert = Callable[[Any], Any]
Encode = Callable[[Any], dict[str, Any]]
MISSING = orjson.Fragment(b"null")


def compile_encoder(message: Descriptor, names: Names) -> Encode:
    """message → dict; raises UnsupportedType for a field that has no public form."""
    return Encoder(message, names, {}).encode


class Encoder:
    """Encodes messages of one type; `known` holds the types compiled so far, for types that nest themselves."""

    def __init__(self, message: Descriptor, names: Names, known: dict[str, "Encoder"]) -> None:
        known[message.full_name] = self
        fields = names.fields(message)
        self._names = tuple(fields)
        self._values = getter([field.name for field in fields.values()])
        self._optional = tuple((public, field.name) for public, field in fields.items() if field.has_presence)
        converts = ((public, converter(field, names, known)) for public, field in fields.items())
        self._converts = tuple((public, convert) for public, convert in converts if convert)

    def encode(self, message: Message) -> dict[str, Any]:
        """The members in the proto's order."""
        members = dict(zip(self._names, self._values(message), strict=True))
        for public, name in self._optional:
            if not message.HasField(name):
                del members[public]
        for public, convert in self._converts:
            if public in members:
                members[public] = convert(members[public])
        return members


def getter(names: list[str]) -> Callable[[Message], tuple[Any, ...]]:
    """The values of the named attributes, always as a tuple (attrgetter answers a bare value for one name)."""
    if len(names) > 1:
        return attrgetter(*names)
    return lambda message: tuple(getattr(message, name) for name in names)


def converter(field: FieldDescriptor, names: Names, known: dict[str, Encoder]) -> Convert | None:
    """What turns the field's value into one that orjson writes; None where it is one."""
    if is_map(field):
        return mapped(single(entry_of(field)[1], names, known))
    one = single(field, names, known)
    return listed(one) if field.is_repeated else one


def mapped(one: Convert | None) -> Convert:
    return (lambda values: {key: one(values[key]) for key in values}) if one else dict


def listed(one: Convert | None) -> Convert:
    return (lambda values: [one(value) for value in values]) if one else list


def single(field: FieldDescriptor, names: Names, known: dict[str, Encoder]) -> Convert | None:
    if is_raw(field):
        return lambda raw: orjson.Fragment(raw.json) if raw.json else MISSING
    if field.message_type is not None:
        inner = known.get(field.message_type.full_name) or Encoder(field.message_type, names, known)
        return inner.encode
    scalar_of(field)  # refuses what has no public form
    if field.type == FieldDescriptor.TYPE_BYTES:
        return lambda value: base64.b64encode(value).decode()
    return None
