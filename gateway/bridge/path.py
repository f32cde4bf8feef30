"""Parameters of a path into their message's fields."""

from collections.abc import Iterable, Mapping
from typing import Any

from google.protobuf.descriptor import Descriptor
from google.protobuf.message import Message

from gateway.bridge.constraints import compile_constraints
from gateway.bridge.fields import first_break
from gateway.bridge.names import Names
from gateway.bridge.scalars import scalar_of
from gateway.bridge.violations import Break, Report


class PathFields:
    """The fields of a message that the path gives; raises TypeError where one is missing or no single scalar."""

    def __init__(self, message: Descriptor, names: Names, in_path: Iterable[str]) -> None:
        self.names = tuple(in_path)
        self._fields: list[tuple[str, str, Any, Any]] = []
        for name in self.names:
            field = message.fields_by_name.get(name)
            if field is None or field.is_repeated or field.message_type is not None:
                raise TypeError(f"the path's {{{name}}} is no scalar field of {message.full_name}")
            self._fields.append((name, names.of(field), scalar_of(field).from_text, compile_constraints(field).checks))

    def fill(self, message: Message, texts: Mapping[str, str], report: Report) -> None:
        """Read the texts (by proto field name) into the message."""
        for name, public, from_text, checks in self._fields:
            read = from_text(texts[name])
            broken = read if type(read) is Break else first_break(read, checks)
            if broken:
                report.add(public, broken)
            else:
                setattr(message, name, read)
