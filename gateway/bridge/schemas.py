"""JSON Schemas (2020-12, as OpenAPI 3.1 takes them) of messages: the same names, rules and comments as the bridge's."""

from collections.abc import Callable
from typing import Any

from buf.validate import validate_pb2
from google.protobuf.descriptor import Descriptor, FieldDescriptor
from orrery.options.v1 import options_pb2

from gateway.bridge.comments import Comments
from gateway.bridge.decoder import choices
from gateway.bridge.fields import entry_of, is_map, is_raw
from gateway.bridge.names import Names
from gateway.bridge.scalars import INT32, INT64, UINT32, UINT64, scalar_of

Schema = dict[str, Any]
RANGES = {
    id(INT32): ("int32", -(2**31), 2**31 - 1),
    id(INT64): ("int64", -(2**63), 2**63 - 1),
    id(UINT32): ("int64", 0, 2**32 - 1),
    id(UINT64): ("int64", 0, 2**63 - 1),
}
TYPES: dict[int, Schema] = {
    FieldDescriptor.TYPE_DOUBLE: {"type": "number", "format": "double"},
    FieldDescriptor.TYPE_BOOL: {"type": "boolean"},
    FieldDescriptor.TYPE_STRING: {"type": "string"},
    FieldDescriptor.TYPE_BYTES: {"type": "string", "contentEncoding": "base64"},
}
RULES: dict[str, Callable[[Any], Schema]] = {  # a rule of gateway/bridge/constraints.py as JSON Schema
    "min_len": lambda limit: {"minLength": limit},
    "max_len": lambda limit: {"maxLength": limit},
    "len": lambda limit: {"minLength": limit, "maxLength": limit},
    "pattern": lambda text: {"pattern": text},
    "email": lambda is_on: {"format": "email"} if is_on else {},
    "uuid": lambda is_on: {"format": "uuid"} if is_on else {},
    "uri": lambda is_on: {"format": "uri"} if is_on else {},
    "in": lambda allowed: {"enum": list(allowed)},
    "not_in": lambda refused: {"not": {"enum": list(refused)}},
    "gt": lambda limit: {"exclusiveMinimum": limit},
    "gte": lambda limit: {"minimum": limit},
    "lt": lambda limit: {"exclusiveMaximum": limit},
    "lte": lambda limit: {"maximum": limit},
    "min_items": lambda limit: {"minItems": limit},
    "max_items": lambda limit: {"maxItems": limit},
    "unique": lambda is_on: {"uniqueItems": is_on},
    "min_pairs": lambda limit: {"minProperties": limit},
    "max_pairs": lambda limit: {"maxProperties": limit},
}
REPLACES = {"exclusiveMinimum": "minimum", "exclusiveMaximum": "maximum"}
UNTOLD = ("min_bytes", "max_bytes", "finite", "items")  # JSON Schema cannot say them, or they are said elsewhere


class Schemas:
    """Makes the schemas of messages and keeps them under `components/schemas`.

    A message is named by its proto's short name. Requests forbid unknown members and require what the rules require;
    answers require every member that is always there.
    """

    def __init__(self, comments: Comments) -> None:
        self._comments = comments
        self._owners: dict[str, Any] = {}
        self.found: dict[str, Schema] = {}

    def reference(
        self, message: Descriptor, names: Names, *, is_request: bool, without: tuple[str, ...] = ()
    ) -> Schema:
        """A $ref to the message's schema; `without` names proto fields that the path gives."""
        name = self._name(message, names, is_request)
        if name not in self.found:
            self.found[name] = {}  # stands for itself while its fields are looked at
            self.found[name].update(self._object(message, names, is_request, without))
        return {"$ref": f"#/components/schemas/{name}"}

    def field(self, field: FieldDescriptor, names: Names, *, is_request: bool) -> Schema:
        """A field's schema with its comment."""
        schema = self._value(field, names, is_request)
        if comment := self._comments.of(field.full_name):
            schema = {**schema, "description": comment}
        if field.GetOptions().Extensions[options_pb2.secret] and is_request:
            schema = {**schema, "format": "password", "writeOnly": True}
        return schema

    def _name(self, message: Descriptor, names: Names, is_request: bool) -> str:
        """The short name; where another schema has it already, one with the style or the package."""
        owner = (tuple(sorted(reachable(message, names, {}).items())), is_request)
        style, package = names.value.title(), message.file.package.split(".")[1].title()
        plain = (message.name, message.name + style, package + message.name, package + message.name + style)
        for name in (*plain, *(f"{one}{'Input' if is_request else 'Output'}" for one in plain)):
            if self._owners.setdefault(name, owner) == owner:
                return name
        raise TypeError(f"{message.full_name}: no name is left for its schema")

    def _object(self, message: Descriptor, names: Names, is_request: bool, without: tuple[str, ...]) -> Schema:
        fields = {name: field for name, field in names.fields(message).items() if field.name not in without}
        required = [name for name, field in fields.items() if is_required(field, is_request)]
        schema: Schema = {
            "type": "object",
            "description": self._comments.of(message.full_name),
            "properties": {name: self.field(field, names, is_request=is_request) for name, field in fields.items()},
        }
        if required:
            schema["required"] = required
        if is_request:
            schema["additionalProperties"] = False
        if excluded := choices(fields):
            schema["allOf"] = [{"not": {"required": list(one)}} for one in excluded]
        return schema

    def _value(self, field: FieldDescriptor, names: Names, is_request: bool) -> Schema:
        rules = field.GetOptions().Extensions[validate_pb2.field]
        if is_map(field):
            one = self._single(entry_of(field)[1], names, is_request)
            return bounded({"type": "object", "additionalProperties": one}, rules)
        if field.is_repeated:
            one = bounded(self._single(field, names, is_request), rules.repeated.items)
            return bounded({"type": "array", "items": one}, rules)
        return bounded(self._single(field, names, is_request), rules)

    def _single(self, field: FieldDescriptor, names: Names, is_request: bool) -> Schema:
        if is_raw(field):
            return {}  # any JSON value
        if field.message_type is not None:
            return self.reference(field.message_type, names, is_request=is_request)
        return scalar_schema(field)


def reachable(message: Descriptor, names: Names, seen: dict[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
    """The public names of the message and of all messages in it: what tells two schemas of one message apart."""
    if message.full_name not in seen:
        seen[message.full_name] = tuple(names.fields(message))
        for field in message.fields:
            if field.message_type is not None:
                reachable(field.message_type, names, seen)
    return seen


def scalar_schema(field: FieldDescriptor) -> Schema:
    if field.type in TYPES:
        return TYPES[field.type]
    kind, low, high = RANGES[id(scalar_of(field))]
    return {"type": "integer", "format": kind, "minimum": low, "maximum": high}


def bounded(schema: Schema, rules: validate_pb2.FieldRules) -> Schema:
    """The schema with the rules in JSON Schema's words; an exclusive bound takes the place of the type's own."""
    kind = rules.WhichOneof("type")
    told: Schema = {}
    for rule, limit in getattr(rules, kind).ListFields() if kind else ():
        if rule.name not in UNTOLD:
            told.update(RULES[rule.name](limit))
    replaced = {REPLACES[name] for name in told if name in REPLACES}
    return {**{name: value for name, value in schema.items() if name not in replaced}, **told}


def is_required(field: FieldDescriptor, is_request: bool) -> bool:
    if is_request:
        return bool(field.GetOptions().Extensions[validate_pb2.field].required)
    return not field.has_presence
