"""Messages into JSON: which members are there, and in what form."""

from typing import Any

import orjson
from google.protobuf.message_factory import GetMessageClass

from gateway.bridge.encoder import compile_encoder
from gateway.bridge.names import CAMEL, SNAKE
from tests.gateway.bridge.things import PART, THING

Thing: Any = GetMessageClass(THING)
Part: Any = GetMessageClass(PART)


def encoded(message: Any, names: Any = CAMEL) -> Any:
    return orjson.loads(orjson.dumps(compile_encoder(message.DESCRIPTOR, names)(message)))


def test_plain_fields_and_lists_are_always_there_and_unset_optional_ones_never() -> None:
    assert encoded(Thing()) == {
        "name": "",
        "tags": [],
        "parts": [],
        "notes": [],
        "counts": {},
        "named": {},
        "documents": {},
    }


def test_a_message_with_one_field_is_an_object() -> None:
    assert encoded(Part(size=0)) == {"size": 0}
    assert encoded(Part(size=1, label="")) == {"size": 1, "label": ""}


def test_sixty_four_bit_integers_are_numbers() -> None:
    text = orjson.dumps(compile_encoder(THING, CAMEL)(Thing(big_number=2**63 - 1, unsigned=2**64 - 1)))

    assert b'"bigNumber":9223372036854775807' in text
    assert b'"unsigned":18446744073709551615' in text


def test_members_stand_in_the_protos_order() -> None:
    thing = Thing(name="a", small=1, ratio=0.5, tags=["x"], inner=Thing(), kind="red")

    assert list(encoded(thing)) == [
        "name", "small", "ratio", "tags", "inner", "parts", "notes", "counts", "named", "documents", "kind",
    ]  # fmt: skip


def test_nested_messages_lists_and_maps_are_encoded_alike() -> None:
    thing = Thing(inner=Thing(big_number=5), parts=[Part(size=1)], named={"a": Part(size=2)}, blob=b"ABCD")

    found = encoded(thing, SNAKE)

    assert found["inner"]["big_number"] == 5
    assert (found["parts"], found["named"], found["blob"]) == ([{"size": 1}], {"a": {"size": 2}}, "QUJDRA==")


def test_raw_json_without_bytes_is_null() -> None:
    thing = Thing()
    thing.details.SetInParent()

    assert encoded(thing)["details"] is None
