"""The protos' comments, which the generated code does not carry: documentation of every RPC, message and field."""

from collections.abc import Iterator
from pathlib import Path

from google.protobuf.descriptor_pb2 import DescriptorProto, FileDescriptorProto, FileDescriptorSet
from orrery.types.v1 import types_pb2

PACKAGE = "orrery."
GENERATED = Path(types_pb2.__file__).parents[3]
DOCUMENTED = GENERATED / "descriptors.binpb"  # written by tools/protos.py
MESSAGE, SERVICE = 4, 6  # fields of FileDescriptorProto, as source locations number them
FIELD, NESTED, METHOD = 2, 3, 2  # fields of DescriptorProto and ServiceDescriptorProto
Place = tuple[int, ...]


class Comments:
    """Comments by full name, such as orrery.media.v1.Video.title; one line, empty where there is none."""

    def __init__(self, documented: Path = DOCUMENTED) -> None:
        """Raises FileNotFoundError where the protos were not generated."""
        self._texts: dict[str, str] = {}
        for file in FileDescriptorSet.FromString(documented.read_bytes()).file:
            if file.package.startswith(PACKAGE):
                self._read(file)

    def of(self, full_name: str) -> str:
        return self._texts.get(full_name, "")

    def _read(self, file: FileDescriptorProto) -> None:
        found = {tuple(at.path): at.leading_comments for at in file.source_code_info.location if at.leading_comments}
        for place, name in places(file):
            if place in found:
                self._texts[name] = " ".join(found[place].split())


def places(file: FileDescriptorProto) -> Iterator[tuple[Place, str]]:
    """Where each name of the file stands."""
    for index, message in enumerate(file.message_type):
        yield from message_places(message, (MESSAGE, index), f"{file.package}.{message.name}")
    for index, service in enumerate(file.service):
        yield (SERVICE, index), f"{file.package}.{service.name}"
        for number, method in enumerate(service.method):
            yield (SERVICE, index, METHOD, number), f"{file.package}.{service.name}.{method.name}"


def message_places(message: DescriptorProto, place: Place, name: str) -> Iterator[tuple[Place, str]]:
    yield place, name
    for index, field in enumerate(message.field):
        yield (*place, FIELD, index), f"{name}.{field.name}"
    for index, nested in enumerate(message.nested_type):
        yield from message_places(nested, (*place, NESTED, index), f"{name}.{nested.name}")
