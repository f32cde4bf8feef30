"""One request and its answer, as the edge sees it from the first byte to the last."""

import random
import time
from dataclasses import dataclass, field
from typing import Any

from orrery.identity.v1.identity_pb2 import Identity
from starlette.types import Scope

from gateway.seams import Allowance

KEY = "orrery.exchange"
LONGEST_PATH, LONGEST_AGENT = 255, 512  # characters that the access log keeps


@dataclass(slots=True)
class Exchange:
    """What is known of a request so far; lives in its scope."""

    method: str
    path: str
    headers: dict[bytes, bytes]
    request_id: str
    address: str = ""
    route: str = ""  # the matched template; empty where none matched
    identity: Identity | None = None
    fields: frozenset[str] | None = None  # those that the caller may see and write; all where None
    allowance: Allowance | None = None
    status: int = 0
    sent: int = 0  # bytes of the answer's body
    started: int = field(default_factory=time.perf_counter_ns)
    came_at_us: int = field(default_factory=lambda: time.time_ns() // 1000)

    @property
    def elapsed_us(self) -> int:
        return (time.perf_counter_ns() - self.started) // 1000

    def row(self) -> dict[str, Any]:
        """The fields of orrery.gateway.requests.v1.Request."""
        identity = self.identity
        return {
            "request_id": self.request_id,
            "method": self.method,
            "path": self.path[:LONGEST_PATH],
            "route": self.route,
            "status": self.status,
            "duration_us": self.elapsed_us,
            "user_id": identity.user_id if identity else 0,
            "organization_id": identity.organization_id if identity else "",
            "address": self.address,
            "user_agent": self.headers.get(b"user-agent", b"").decode("latin-1")[:LONGEST_AGENT],
            "served_at_us": self.came_at_us,
            "response_bytes": self.sent,
        }


def exchange_of(scope: Scope) -> Exchange:
    """The exchange that the edge began for this scope."""
    exchange: Exchange = scope[KEY]
    return exchange


def new_id() -> str:
    """A UUIDv7 (RFC 9562): ids of one gateway sort by time."""
    bits = random.getrandbits(74)
    value = (time.time_ns() // 1_000_000) << 80 | 7 << 76 | (bits >> 62) << 64 | 2 << 62 | bits & (1 << 62) - 1
    text = f"{value:032x}"
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


def new_traceparent() -> str:
    """An unsampled trace of its own, where this process exports none."""
    return f"00-{random.getrandbits(128) | 1:032x}-{random.getrandbits(64) | 1:016x}-00"
