"""What proto fields are called in public."""

from enum import Enum

from google.protobuf.descriptor import Descriptor, FieldDescriptor
from orrery.options.v1 import options_pb2


class Names(Enum):
    """A style of field names; an explicit `json_name` that differs from protoc's own stands in either style."""

    CAMEL = "camel"
    SNAKE = "snake"

    def of(self, field: FieldDescriptor) -> str:
        """The field's public name."""
        if field.json_name != camel(field.name):
            return field.json_name
        return field.json_name if self is Names.CAMEL else field.name

    def fields(self, message: Descriptor) -> dict[str, FieldDescriptor]:
        """Public name → field in the proto's order; protoc sees to it that no name is given twice.

        A field that a header fills is none of the body or the query.
        """
        return {self.of(field): field for field in message.fields if not is_if_match(field)}


def is_if_match(field: FieldDescriptor) -> bool:
    """Whether the field takes the version that If-Match names (option orrery.options.v1.if_match)."""
    return bool(field.GetOptions().Extensions[options_pb2.if_match])


def camel(name: str) -> str:
    """protoc's default `json_name`: each letter after an underscore is upper case."""
    first, *rest = name.split("_")
    return first + "".join(part[:1].upper() + part[1:] for part in rest)


CAMEL, SNAKE = Names.CAMEL, Names.SNAKE
