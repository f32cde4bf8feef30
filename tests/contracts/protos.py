"""Every generated proto module, and what they declare."""

from functools import cache
from importlib import import_module
from pathlib import Path

from google.protobuf.descriptor import Descriptor, FileDescriptor, MethodDescriptor

GENERATED = Path(__file__).parents[2] / "gen"


@cache
def files() -> tuple[FileDescriptor, ...]:
    """The file descriptors of everything under gen/orrery."""
    paths = sorted((GENERATED / "orrery").rglob("*_pb2.py"))
    names = [".".join(path.relative_to(GENERATED).with_suffix("").parts) for path in paths]
    return tuple(import_module(name).DESCRIPTOR for name in names)


def event_descriptors() -> list[Descriptor]:
    """The events: messages of an events.proto that no other message holds."""
    found = [message for file in files() if file.name.endswith("/events.proto") for message in messages(file)]
    held = {field.message_type.full_name for message in found for field in message.fields if field.message_type}
    return [message for message in found if message.full_name not in held]


def messages(file: FileDescriptor) -> list[Descriptor]:
    return list(file.message_types_by_name.values())


def methods() -> list[MethodDescriptor]:
    """Every RPC of the fleet."""
    services = [service for file in files() for service in file.services_by_name.values()]
    return [method for service in services for method in service.methods]
