"""JSON bodies into messages, compiled once per message and style of names."""

from collections.abc import Iterable, Mapping
from typing import Any

from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass

from gateway.bridge import reader
from gateway.bridge.constraints import compile_constraints, refuse_message_rules
from gateway.bridge.fields import NOT_OBJECT, RAW_JSON, Setter, setter_of
from gateway.bridge.names import Names
from gateway.bridge.path import PathFields
from gateway.bridge.violations import Break, Report


class Body:
    """Decodes bodies of one route: JSON object and path parameters → message; raises Invalid with all violations.

    `in_path` names the proto fields that the path gives; the body may not give them again.
    """

    def __init__(self, message: Descriptor, names: Names, in_path: Iterable[str] = ()) -> None:
        self._new = GetMessageClass(message)
        self._path = PathFields(message, names, in_path)
        self._object = Object(message, names, {}, frozenset(self._path.names))
        self._keep_numbers = has_raw(message, set())

    def __call__(self, body: bytes, path: Mapping[str, str]) -> Message:
        message, report = self._new(), Report()
        self._path.fill(message, path, report)
        value = reader.read(body, keep_numbers=self._keep_numbers) if body else {}
        self._object.fill(message, value, "", report)
        report.close()
        return message


class Object:
    """Puts JSON objects into messages of one type; `known` holds those compiled so far, for types in themselves."""

    def __init__(
        self,
        message: Descriptor,
        names: Names,
        known: dict[str, "Object"],
        in_path: frozenset[str] = frozenset(),
    ) -> None:
        if not in_path:  # a type nested in itself takes the fields that the path gives to its outermost one
            known[message.full_name] = self
        refuse_message_rules(message)
        fields = {public: field for public, field in names.fields(message).items() if field.name not in in_path}
        self._in_path = frozenset(names.of(message.fields_by_name[name]) for name in in_path)
        self._setters: dict[str, Setter] = {
            public: setter_of(field, lambda kind: (known.get(kind.full_name) or Object(kind, names, known)).fill)
            for public, field in fields.items()
        }
        self._required = tuple(name for name, field in fields.items() if compile_constraints(field).is_required)
        self._choices = choices(fields)

    def fill(self, message: Message, value: Any, prefix: str, report: Report) -> None:
        """Put the object's members into the message; `prefix` is the object's own public path."""
        if type(value) is not dict:
            report.add(prefix or "$", NOT_OBJECT)
            return
        at = prefix + "." if prefix else ""
        for name, inner in value.items():
            setter = self._setters.get(name)
            if setter:
                setter(message, inner, at + name, report)
            elif report.is_full:
                return
            else:
                self._refuse(at, name, report)
        self._complete(value, at, report)

    def _complete(self, value: dict[str, Any], at: str, report: Report) -> None:
        """Report what is missing, and what excludes each other."""
        for name in self._required:
            if name not in value:
                report.add(at + name, Break("required", {}))
        for names in self._choices:
            if sum(name in value for name in names) > 1:
                report.add(at + names[0], Break("one_of", {"names": ", ".join(names)}))

    def _refuse(self, at: str, name: str, report: Report) -> None:
        if not at and name in self._in_path:
            report.add(name, Break("in_path", {}))
        else:
            report.unknown(at, name, self._setters)


def choices(fields: Mapping[str, FieldDescriptor]) -> list[tuple[str, ...]]:
    """The public names of each oneof; those that protoc makes for `optional` have one member and are none."""
    grouped: dict[str, list[str]] = {}
    for public, field in fields.items():
        if field.containing_oneof is not None:
            grouped.setdefault(field.containing_oneof.name, []).append(public)
    return [tuple(names) for names in grouped.values() if len(names) > 1]


def has_raw(message: Descriptor, seen: set[str]) -> bool:
    """Whether a RawJson stands anywhere in the message."""
    if message.full_name in seen:
        return False
    seen.add(message.full_name)
    inner = [field.message_type for field in message.fields if field.message_type is not None]
    return any(kind.full_name == RAW_JSON or has_raw(kind, seen) for kind in inner)
