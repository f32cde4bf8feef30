"""What the gateway's parts ask of each other; each has one real implementation and may be replaced in a test."""

from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import Any, Protocol

from google.protobuf.descriptor import MethodDescriptor
from google.protobuf.message import Message
from orrery.identity.v1.identity_pb2 import Identity
from orrery.options.v1.options_pb2 import Access

from gateway.limits.rates import Rate
from libs.rpc import Passage

Call = Callable[[Message, Passage], Awaitable[Message]]  # libs.rpc.Call; raises nothing but Refusal


class Terms(Protocol):
    """What a credential is limited to beside its scopes and grants: gateway.identity.terms.Terms."""

    @property
    def rates(self) -> Sequence[Rate]:
        """How often it may be used, the smallest bucket first."""

    @property
    def secret(self) -> bytes:
        """What its requests are signed with; empty for none."""

    @property
    def requires_signature(self) -> bool: ...


class Admission(Protocol):
    """Who calls, and the same signed for the services."""

    @property
    def identity(self) -> Identity: ...
    @property
    def signed(self) -> bytes: ...
    @property
    def terms(self) -> Terms | None: ...


class Authenticator(Protocol):
    """Finds out who calls: gateway.identity.Authenticator."""

    async def admit(
        self, peer: str, headers: Iterable[tuple[bytes, bytes]], access: Access, *, verifies: bool = False
    ) -> Admission:
        """The caller of a request (ASGI's peer and headers) that the access rule lets in; raises the refusal if not.

        `verifies`: signatures are checked by whoever asks, once the body is there. Elsewhere who must sign is refused.
        """


class Allowance(Protocol):
    """What a rate limit leaves; whole numbers, `reset` in seconds."""

    @property
    def limit(self) -> int: ...
    @property
    def remaining(self) -> int: ...
    @property
    def reset(self) -> int: ...


class Limiter(Protocol):
    """Counts requests: gateway.limits.Limiter."""

    async def take(self, name: str, identity: Identity, rates: Sequence[Rate] = ()) -> Allowance:
        """Count one request of a rate class; raises Exhausted, whose `allowance` says what is left.

        `rates` are the credential's own, the smallest bucket first: they take the place of the usual one.
        """


class Signatures(Protocol):
    """Checks signed requests: gateway.identity.Signatures."""

    async def check(
        self, terms: Terms, identity: Identity, line: bytes, headers: dict[bytes, bytes], body: bytes
    ) -> None:
        """Raise the refusal that a request gets; `line`: its method, a newline, its path and query as sent."""


class Recorder(Protocol):
    """Takes the access log's rows: gateway.accesslog.AccessLog."""

    def record(self, row: dict[str, Any]) -> None:
        """Log a request that was answered, as the fields of orrery.gateway.requests.v1.Request; must not block."""


class Backend(Protocol):
    """A service that calls can be bound to: libs.rpc.Client."""

    def bind(self, method: MethodDescriptor, timeout: float) -> Call:
        """The method as a call of at most `timeout` seconds."""


AddressOf = Callable[[str, bytes], str]  # gateway.identity.Proxies.address: peer, X-Forwarded-For joined by commas
