"""Which events there are and what each means to people: all found in the descriptors, none listed here."""

from collections.abc import Iterator
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any, cast

import orrery
from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.message import Message
from orrery.options.v1 import options_pb2

from libs.kafka.json import as_dict

NUL, REPLACEMENT = "\0", "\ufffd"


def audited_topics() -> tuple[str, ...]:
    """The topics of all events in the generated modules; importing them makes their classes known to the consumer."""
    return tuple(sorted({found.file.package for found in audited_events()}))


def audited_events() -> Iterator[Descriptor]:
    """Each message that is marked as an event."""
    for name in event_modules():
        for found in import_module(name).DESCRIPTOR.message_types_by_name.values():
            if meaning(found).name:
                yield found


def event_modules() -> Iterator[str]:
    """orrery.….events_pb2; a walk by path, for pkgutil passes over namespace packages."""
    found = {file.relative_to(root) for root in map(Path, orrery.__path__) for file in root.rglob("events_pb2.py")}
    for file in sorted(found):  # a path that stands twice on the search path is walked once
        yield ".".join(("orrery", *file.with_suffix("").parts))


def kind_of(event: Message) -> Descriptor:
    return cast("Descriptor", event.DESCRIPTOR)


def meaning(kind: Descriptor) -> options_pb2.Event:
    """The event option of a message; without a name where it is no event."""
    found: options_pb2.Event = kind.GetOptions().Extensions[options_pb2.event]
    return found


def target_id(event: Message) -> int | None:
    """The number in the event's target field; None where there is none, or 0."""
    field = meaning(kind_of(event)).target_field
    found = getattr(event, field) if field else None
    return found if isinstance(found, int) and found else None


def details(event: Message) -> dict[str, Any]:
    """The event's fields without those marked secret, at any depth; NUL, which jsonb cannot hold, is replaced."""
    return shown(as_dict(event), kind_of(event))


def shown(values: dict[str, Any], kind: Descriptor) -> dict[str, Any]:
    hidden, nested = marks(kind)
    kept = {name: value for name, value in values.items() if name not in hidden}
    return {name: readable(value, nested.get(name)) for name, value in kept.items()}


def readable(value: Any, kind: Descriptor | None) -> Any:
    if isinstance(value, list):
        return [readable(one, kind) for one in value]
    if kind is not None:
        return shown(value, kind)
    return value.replace(NUL, REPLACEMENT) if isinstance(value, str) else value


@cache
def marks(kind: Descriptor) -> tuple[frozenset[str], dict[str, Descriptor]]:
    """The names of secret fields, and the kinds of those that hold messages."""
    fields: list[FieldDescriptor] = list(kind.fields)
    hidden = frozenset(field.name for field in fields if field.GetOptions().Extensions[options_pb2.secret])
    return hidden, {field.name: field.message_type for field in fields if field.message_type}
