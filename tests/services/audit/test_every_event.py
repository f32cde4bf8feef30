"""Each event of the fleet is audited, with no code of its own."""

from collections.abc import Iterator, Sequence
from importlib import import_module
from pathlib import Path

import orjson
import orrery
import pytest
from google.protobuf import descriptor_pb2, descriptor_pool
from google.protobuf.descriptor import Descriptor
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass
from orrery.audit.v1.logs_pb2 import AuditLog
from orrery.auth.sessions.v1.events_pb2 import SessionStarted
from orrery.identity.v1.identity_pb2 import Identity
from orrery.options.v1 import options_pb2

from libs.kafka import Kafka
from services.audit.audit_log.events import audited_events, audited_topics, details, kind_of, meaning
from tests.libs.waiting import eventually
from tests.services.audit.builders import Api, Said, asked, caller, made_up

TYPES = ("STRING", "INT64", "MESSAGE")
EVENTS = [GetMessageClass(kind) for kind in audited_events()]


def all_messages() -> Iterator[Descriptor]:
    for root in map(Path, orrery.__path__):
        for file in root.rglob("*_pb2.py"):
            name = ".".join(("orrery", *file.relative_to(root).with_suffix("").parts))
            yield from import_module(name).DESCRIPTOR.message_types_by_name.values()


def test_whatever_is_marked_as_an_event_anywhere_is_audited() -> None:
    marked = {kind.full_name for kind in all_messages() if meaning(kind).name}

    assert marked == {kind.full_name for kind in audited_events()}
    assert {"orrery.media.videos.v1", "orrery.auth.sessions.v1", "orrery.auth.accounts.v1"} <= set(audited_topics())


@pytest.mark.usefixtures("consuming")
@pytest.mark.parametrize("kind", EVENTS, ids=lambda kind: kind.DESCRIPTOR.full_name)
async def test_an_event_leaves_a_row_that_says_what_it_said(kind: type[Message], kafka: Kafka, api: Api) -> None:
    event = made_up(kind)
    said = Said(event, source=kind.DESCRIPTOR.full_name.split(".")[1])
    option = meaning(kind_of(event))

    await kafka.send([said.record])

    row = (await eventually(lambda: rows(api, caller(said.organization_id))))[0]
    assert (row.action, row.target_entity) == (option.name, option.entity)
    assert row.target_id == (getattr(event, option.target_field) if option.target_field else 0)
    assert orjson.loads(row.details.json) == orjson.loads(said.record.value)
    assert (row.user_id, row.request_id, row.source) == (said.user_id, said.request_id, said.source)
    assert row.created_at == said.time.isoformat(timespec="microseconds").replace("+00:00", "Z")


def test_secret_fields_are_left_out_at_any_depth() -> None:
    kind = kind_with_secrets()
    inner = {"password": "hunter2", "kept": "yes"}

    shown = details(kind(token="t", number=5, one=inner, many=[inner, inner]))

    assert shown == {"number": 5, "one": {"kept": "yes"}, "many": [{"kept": "yes"}, {"kept": "yes"}]}


def test_a_nul_character_cannot_keep_an_event_out_of_the_log() -> None:
    event = SessionStarted(user_id=5, user_agent="cu\0rl")

    assert details(event)["user_agent"] == "cu\ufffdrl"


def kind_with_secrets() -> type[Message]:
    """A message like those of the protos, for no event carries a secret today."""
    secret = descriptor_pb2.FieldOptions()
    secret.Extensions[options_pb2.secret] = True
    text, number, message = (getattr(descriptor_pb2.FieldDescriptorProto, f"TYPE_{name}") for name in TYPES)
    once, often = descriptor_pb2.FieldDescriptorProto.LABEL_OPTIONAL, descriptor_pb2.FieldDescriptorProto.LABEL_REPEATED
    file = descriptor_pb2.FileDescriptorProto(
        name="made_up/secrets.proto", package="made_up", syntax="proto3", dependency=["orrery/options/v1/options.proto"]
    )
    inner = file.message_type.add(name="Inner")
    inner.field.add(name="password", number=1, type=text, label=once, options=secret)
    inner.field.add(name="kept", number=2, type=text, label=once)
    outer = file.message_type.add(name="Outer")
    outer.field.add(name="token", number=1, type=text, label=once, options=secret)
    outer.field.add(name="number", number=2, type=number, label=once)
    outer.field.add(name="one", number=3, type=message, type_name=".made_up.Inner", label=once)
    outer.field.add(name="many", number=4, type=message, type_name=".made_up.Inner", label=often)
    pool = descriptor_pool.Default()
    pool.AddSerializedFile(file.SerializeToString())
    return GetMessageClass(pool.FindMessageTypeByName("made_up.Outer"))


async def rows(api: Api, who: Identity) -> Sequence[AuditLog]:
    return (await api.audit_logs(who, asked())).items
