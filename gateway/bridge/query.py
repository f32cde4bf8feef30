"""Query strings into messages (GET, DELETE), as strictly as bodies."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any
from urllib.parse import parse_qsl

from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass

from gateway.bridge.constraints import Check, Constraints, compile_constraints, refuse_message_rules
from gateway.bridge.fields import first_break
from gateway.bridge.listing import LIST_QUERY, fill_list, is_list_parameter, list_parameters
from gateway.bridge.names import Names
from gateway.bridge.path import PathFields
from gateway.bridge.scalars import scalar_of
from gateway.bridge.violations import Break, Report
from libs.errors import Invalid

MOST_PARAMETERS = 100
Texts = dict[str, list[str]]
Reader = Callable[[Message, list[str], str, Report], None]


class QueryMalformed(Invalid):
    def __init__(self) -> None:
        super().__init__("The query is not percent-encoded UTF-8 of at most 100 parameters.")


class Query:
    """Decodes queries of one route: parameters of query and path → message; raises Invalid with all violations."""

    def __init__(self, message: Descriptor, names: Names, in_path: Iterable[str] = ()) -> None:
        refuse_message_rules(message)
        self._new = GetMessageClass(message)
        self._path = PathFields(message, names, in_path)
        fields = {name: field for name, field in names.fields(message).items() if field.name not in self._path.names}
        self._list = next((f.name for f in fields.values() if is_list(f)), None)
        asked = {public: field for public, field in fields.items() if not is_list(field)}
        self._readers = {public: reader_of(field) for public, field in asked.items()}
        self._known = [*self._readers, *(list_parameters() if self._list else ())]
        self._required = [public for public, field in asked.items() if compile_constraints(field).is_required]

    def __call__(self, query: bytes, path: Mapping[str, str]) -> Message:
        message, report = self._new(), Report()
        self._path.fill(message, path, report)
        texts = parse(query) if query else {}
        for name, values in texts.items():
            if reader := self._readers.get(name):
                reader(message, values, name, report)
            elif not (self._list and is_list_parameter(name)):
                report.unknown("", name, self._known)
        for name in self._required:
            if name not in texts:
                report.add(name, Break("required", {}))
        if self._list:
            fill_list(getattr(message, self._list), texts, report)
        report.close()
        return message


def is_list(field: FieldDescriptor) -> bool:
    return field.message_type is not None and field.message_type.full_name == LIST_QUERY


def parse(query: bytes) -> Texts:
    """Parameters by name, each with its values in order; raises QueryMalformed."""
    try:
        pairs = parse_qsl(
            query.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=MOST_PARAMETERS
        )
    except ValueError:  # also UnicodeDecodeError
        raise QueryMalformed from None
    texts: Texts = {}
    for name, value in pairs:
        texts.setdefault(name, []).append(value)
    return texts


def reader_of(field: FieldDescriptor) -> Reader:
    """How the field's parameter is read; raises TypeError for a message, which a query cannot give."""
    if field.message_type is not None:
        raise TypeError(f"{field.full_name} is a message and cannot be a query parameter")
    constraints, from_text = compile_constraints(field), scalar_of(field).from_text
    if field.is_repeated:
        return repeated_reader(field.name, from_text, constraints)
    return single_reader(field.name, from_text, constraints.checks)


def single_reader(name: str, from_text: Callable[[str], Any], checks: tuple[Check, ...]) -> Reader:
    def read(message: Message, texts: list[str], public: str, report: Report) -> None:
        if len(texts) > 1:
            report.add(public, Break("repeated", {}))
            return
        value = from_text(texts[0])
        broken = value if type(value) is Break else first_break(value, checks)
        if broken:
            report.add(public, broken)
        else:
            setattr(message, name, value)

    return read


def repeated_reader(name: str, from_text: Callable[[str], Any], constraints: Constraints) -> Reader:
    def read(message: Message, texts: list[str], public: str, report: Report) -> None:
        target = getattr(message, name)
        for text in texts:
            value = from_text(text)
            broken = value if type(value) is Break else first_break(value, constraints.item_checks)
            if broken:
                report.add(public, broken)
                return
            target.append(value)
        if broken := first_break(target, constraints.sizes + constraints.checks):
            report.add(public, broken)

    return read
