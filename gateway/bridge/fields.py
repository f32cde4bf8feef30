"""One proto field as a function that puts a JSON value into a message, or reports why not."""

from collections.abc import Callable, Mapping
from typing import Any

from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message

from gateway.bridge import reader
from gateway.bridge.constraints import Check, Constraints, compile_constraints, ensure_bounded
from gateway.bridge.scalars import Scalar, UnsupportedType, scalar_of
from gateway.bridge.violations import Break, Report

Setter = Callable[[Message, Any, str, Report], None]  # message, value, public path, report
ItemAdder = Callable[[Any, Any, str, Report], None]  # list, value, public path, report
EntrySetter = Callable[[Any, str, Any, str, Report], None]  # map, key, value, public path, report
Fill = Callable[[Message, Any, str, Report], None]  # puts a JSON object into a message
RAW_JSON = "orrery.types.v1.RawJson"
NOT_OBJECT, NOT_ARRAY = Break("object", {}), Break("array", {})


def setter_of(field: FieldDescriptor, fill_of: Callable[[Any], Fill]) -> Setter:
    """The field's setter; `fill_of` compiles or finds a message's own. Raises UnsupportedRule, UnsupportedType."""
    constraints = compile_constraints(field)
    if field.is_repeated:
        ensure_bounded(field)
    if is_map(field):
        return map_setter(field, constraints.sizes, fill_of)
    if field.is_repeated:
        return list_setter(field.name, constraints, item_adder(field, constraints.item_checks, fill_of))
    if field.message_type is None:
        return scalar_setter(field.name, scalar_of(field), constraints.checks, constraints.is_required)
    if is_raw(field):
        return raw_setter(field.name)
    return message_setter(field.name, fill_of(field.message_type))


def is_map(field: FieldDescriptor) -> bool:
    return field.message_type is not None and field.message_type.GetOptions().map_entry


def entry_of(field: FieldDescriptor) -> tuple[FieldDescriptor, FieldDescriptor]:
    """Key and value of a map field."""
    entry: Any = field.message_type
    return entry.fields_by_name["key"], entry.fields_by_name["value"]


def is_raw(field: FieldDescriptor) -> bool:
    return field.message_type is not None and field.message_type.full_name == RAW_JSON


def first_break(value: Any, checks: tuple[Check, ...]) -> Break | None:
    for check in checks:
        if broken := check(value):
            return broken
    return None


def scalar_setter(name: str, scalar: Scalar, checks: tuple[Check, ...], is_required: bool) -> Setter:
    from_json = scalar.from_json

    def put(message: Message, value: Any, path: str, report: Report) -> None:
        read = from_json(value)
        if type(read) is Break:
            report.add(path, read)
        elif is_required and read == "":
            report.add(path, Break("required", {}))
        elif broken := first_break(read, checks):
            report.add(path, broken)
        else:
            setattr(message, name, read)

    return put


def raw_setter(name: str) -> Setter:
    def put(message: Message, value: Any, path: str, report: Report) -> None:
        getattr(message, name).json = reader.written(value)

    return put


def message_setter(name: str, fill: Fill) -> Setter:
    def put(message: Message, value: Any, path: str, report: Report) -> None:
        inner = getattr(message, name)
        inner.SetInParent()  # an empty object is there, too
        fill(inner, value, path, report)

    return put


def list_setter(name: str, constraints: Constraints, add: ItemAdder) -> Setter:
    def put(message: Message, value: Any, path: str, report: Report) -> None:
        if wrong := NOT_ARRAY if type(value) is not list else first_break(value, constraints.sizes):
            report.add(path, wrong)
            return
        before = len(report.found)
        target = getattr(message, name)
        for index, one in enumerate(value):
            add(target, one, f"{path}[{index}]", report)
            if report.is_full:
                return
        if len(report.found) == before and (broken := first_break(target, constraints.checks)):
            report.add(path, broken)

    return put


def item_adder(field: FieldDescriptor, checks: tuple[Check, ...], fill_of: Callable[[Any], Fill]) -> ItemAdder:
    """What appends one item to a repeated field."""
    if is_raw(field):
        return lambda target, value, path, report: setattr(target.add(), "json", reader.written(value))
    if field.message_type is not None:
        fill = fill_of(field.message_type)
        return lambda target, value, path, report: fill(target.add(), value, path, report)
    from_json = scalar_of(field).from_json

    def add(target: Any, value: Any, path: str, report: Report) -> None:
        read = from_json(value)
        broken = read if type(read) is Break else first_break(read, checks)
        if broken:
            report.add(path, broken)
        else:
            target.append(read)

    return add


def map_setter(field: FieldDescriptor, sizes: tuple[Check, ...], fill_of: Callable[[Any], Fill]) -> Setter:
    """A JSON object as a map; keys are strings, as JSON's are."""
    key, value_field = entry_of(field)
    if key.type != FieldDescriptor.TYPE_STRING:
        raise UnsupportedType(field, "a map's keys are strings in JSON")
    entry = entry_setter(value_field, fill_of)

    def put(message: Message, value: Any, path: str, report: Report) -> None:
        if wrong := NOT_OBJECT if type(value) is not dict else first_break(value, sizes):
            report.add(path, wrong)
            return
        target: Mapping[str, Any] = getattr(message, field.name)
        for name, one in value.items():
            entry(target, name, one, f"{path}.{name}", report)
            if report.is_full:
                return

    return put


def entry_setter(field: FieldDescriptor, fill_of: Callable[[Any], Fill]) -> EntrySetter:
    if is_raw(field):
        return lambda target, key, value, path, report: setattr(target[key], "json", reader.written(value))
    if field.message_type is not None:
        fill = fill_of(field.message_type)
        return lambda target, key, value, path, report: fill(target[key], value, path, report)
    from_json = scalar_of(field).from_json

    def put(target: Any, key: str, value: Any, path: str, report: Report) -> None:
        read = from_json(value)
        if type(read) is Break:
            report.add(path, read)
        else:
            target[key] = read

    return put
