"""Yesterday's events still decode: each event that was ever published has a kept example.

A new event: `python -m tests.contracts.test_events` writes its example. A failing old one: the change would break
whoever reads the topic's history; add a field instead.
"""

from pathlib import Path

import pytest
from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass

from libs.kafka import from_json, to_json
from tests.contracts.protos import event_descriptors

KEPT = Path(__file__).parent / "events"
EXAMPLES: dict[int, object] = {
    FieldDescriptor.CPPTYPE_STRING: "text",
    FieldDescriptor.CPPTYPE_INT32: 7,
    FieldDescriptor.CPPTYPE_INT64: 9_007_199_254_740_993,  # one more than a double can hold
    FieldDescriptor.CPPTYPE_DOUBLE: 1.5,
    FieldDescriptor.CPPTYPE_BOOL: True,
}


def example(descriptor: Descriptor) -> Message:
    """An event with every field set."""
    event = GetMessageClass(descriptor)()
    for field in descriptor.fields:
        value = example(field.message_type) if field.message_type else EXAMPLES[field.cpp_type]
        if field.is_repeated:
            getattr(event, field.name).append(value)
        elif field.message_type:
            getattr(event, field.name).CopyFrom(value)
        else:
            setattr(event, field.name, value)
    return event


@pytest.mark.parametrize("descriptor", event_descriptors(), ids=lambda one: one.full_name)
def test_the_kept_example_of_each_event_still_decodes(descriptor: Descriptor) -> None:
    kept = (KEPT / f"{descriptor.full_name}.json").read_bytes()

    event = from_json(GetMessageClass(descriptor), kept)

    assert event == example(descriptor)
    assert to_json(event) == kept


def test_no_kept_event_was_dropped() -> None:
    known = {descriptor.full_name for descriptor in event_descriptors()}

    assert {path.stem for path in KEPT.glob("*.json")} == known


if __name__ == "__main__":
    for found in event_descriptors():
        path = KEPT / f"{found.full_name}.json"
        if not path.exists():
            path.write_bytes(to_json(example(found)))
