"""Made-up events, callers and questions; every argument is optional."""

import datetime as dt
import uuid
from dataclasses import dataclass, field
from typing import Any

from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message
from orrery.audit.v1 import logs_pb2 as pb
from orrery.gateway.requests.v1.events_pb2 import Request, RequestsServed
from orrery.identity.v1.identity_pb2 import Credential, Identity
from orrery.types.v1.types_pb2 import Filter, ListQuery

from libs.kafka import Envelope, Record, to_json
from libs.rpc import Call, Passage, Signer


def organization() -> str:
    return str(uuid.uuid4())


def caller(
    organization_id: str, user_id: int = 7, *, roles: tuple[str, ...] = ("ADMIN",), scopes: tuple[str, ...] = ("*",)
) -> Identity:
    return Identity(
        subject=str(uuid.uuid4()),
        user_id=user_id,
        organization_id=organization_id,
        roles=roles,
        scopes=scopes,
        credential=Credential.CREDENTIAL_SESSION,
    )


def asked(*filters: tuple[str, str, str], **query: Any) -> ListQuery:
    """A list's question; filters are (field, operator, value)."""
    return ListQuery(filters=[Filter(field=name, op=op, value=value) for name, op, value in filters], **query)


def made_up(event: type[Message]) -> Message:
    """The event with a value in each of its fields that tells the field's name or number."""
    found = event()
    for at in event.DESCRIPTOR.fields:
        value = sample(at)
        if at.is_repeated:
            getattr(found, at.name).extend([value, value])
        elif at.message_type:
            getattr(found, at.name).CopyFrom(value)
        else:
            setattr(found, at.name, value)
    return found


def sample(at: Any) -> Any:
    if at.message_type:
        return made_up(at.message_type._concrete_class)
    if at.type in (FieldDescriptor.TYPE_DOUBLE, FieldDescriptor.TYPE_FLOAT):
        return at.number + 0.5
    if at.type == FieldDescriptor.TYPE_BOOL:
        return True
    return f"a {at.name}" if at.type == FieldDescriptor.TYPE_STRING else 9_000 + at.number


@dataclass(frozen=True)
class Said:
    """An event with the envelope that a relay gives it."""

    event: Message
    organization_id: str = field(default_factory=organization)
    user_id: int = 7
    request_id: str = field(default_factory=lambda: f"req-{uuid.uuid4().hex[:8]}")
    source: str = "media"
    time: dt.datetime = field(default_factory=lambda: dt.datetime.now(dt.UTC))
    id: str = field(default_factory=lambda: str(uuid.uuid4()))

    @property
    def envelope(self) -> Envelope:
        kind = self.event.DESCRIPTOR
        return Envelope(
            id=self.id,
            type=kind.full_name,
            source=self.source,
            topic=kind.file.package,
            key="one-partition",
            time=self.time,
            user_id=self.user_id,
            organization_id=self.organization_id,
            request_id=self.request_id,
        )

    @property
    def record(self) -> Record:
        envelope = self.envelope
        return Record(envelope.topic, envelope.key.encode(), to_json(self.event), envelope.headers())


def served(**changed: Any) -> Request:
    """A request that the gateway answered just now."""
    values: dict[str, Any] = {
        "request_id": f"req-{uuid.uuid4().hex[:8]}",
        "method": "GET",
        "path": "/api/media/videos/5",
        "route": "/api/media/videos/{videoId}",
        "status": 200,
        "duration_us": 1_500,
        "user_id": 7,
        "organization_id": "",
        "address": "192.0.2.7",
        "user_agent": "curl/8",
        "served_at_us": int(dt.datetime.now(dt.UTC).timestamp() * 1e6),
        "response_bytes": 42,
    }
    return Request(**(values | changed))


def batch(*requests: Request) -> Said:
    return Said(RequestsServed(requests=requests), organization_id="", user_id=0, source="gateway")


@dataclass(frozen=True)
class Api:
    """The service as the gateway calls it."""

    signer: Signer
    list_audit_logs: Call
    list_logs: Call

    async def audit_logs(self, who: Identity, query: ListQuery | None = None) -> pb.ListAuditLogsResponse:
        found = await self.list_audit_logs(pb.ListAuditLogsRequest(query=query), self.passage(who))
        assert isinstance(found, pb.ListAuditLogsResponse)
        return found

    async def logs(self, who: Identity, query: ListQuery | None = None) -> pb.ListLogsResponse:
        found = await self.list_logs(pb.ListLogsRequest(query=query), self.passage(who))
        assert isinstance(found, pb.ListLogsResponse)
        return found

    def passage(self, who: Identity) -> Passage:
        return Passage(self.signer.sign(who), request_id="req-of-the-test")
