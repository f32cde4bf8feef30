"""CloudEvents 1.0, binary content mode of the Kafka binding: attributes are headers, the value is the data.

Written by hand, eight headers: the SDK builds an object per attribute and parses dates, 60 µs an event.
A contract test reads our records with the SDK.
"""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

CONTENT_TYPE = b"application/json"


@dataclass(frozen=True, slots=True)
class Envelope:
    """What is known about an event besides its data."""

    id: str
    type: str  # the proto's full name
    source: str  # the service
    topic: str  # the proto's package; stays true in a dead-letter topic
    key: str  # the aggregate's id
    time: dt.datetime
    user_id: int = 0
    organization_id: str = ""
    request_id: str = ""
    traceparent: str = ""
    address: str = ""  # of the network, where the cause was a request

    def headers(self) -> list[tuple[str, bytes]]:
        """The record's headers; empty attributes are left out."""
        attributes = {
            "ce_specversion": "1.0",
            "ce_id": self.id,
            "ce_type": self.type,
            "ce_source": f"/orrery/{self.source}",
            "ce_subject": self.key,
            "ce_time": self.time.astimezone(dt.UTC).isoformat().replace("+00:00", "Z"),
            "ce_topic": self.topic,
            "ce_userid": str(self.user_id or ""),
            "ce_organizationid": self.organization_id,
            "ce_requestid": self.request_id,
            "ce_address": self.address,
            "traceparent": self.traceparent,
        }
        return [
            ("content-type", CONTENT_TYPE),
            *((name, value.encode()) for name, value in attributes.items() if value),
        ]


def read_envelope(headers: Iterable[tuple[str, bytes | None]]) -> Envelope:
    """The envelope in a record's headers; raises ValueError where it is no event of ours."""
    found = {name: (value or b"").decode() for name, value in headers}
    try:
        return Envelope(
            id=found["ce_id"],
            type=found["ce_type"],
            source=found["ce_source"].removeprefix("/orrery/"),
            topic=found["ce_topic"],
            key=found.get("ce_subject", ""),
            time=dt.datetime.fromisoformat(found["ce_time"]),
            user_id=int(found.get("ce_userid", "0")),
            organization_id=found.get("ce_organizationid", ""),
            request_id=found.get("ce_requestid", ""),
            traceparent=found.get("traceparent", ""),
            address=found.get("ce_address", ""),
        )
    except KeyError as missing:
        raise ValueError(f"the record carries no {missing} header") from None
