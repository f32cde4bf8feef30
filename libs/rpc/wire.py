"""Refusals on the wire: google.rpc.Status with ErrorInfo and BadRequest, the field's standard."""

from google.protobuf.any_pb2 import Any as AnyMessage
from google.rpc.error_details_pb2 import BadRequest, ErrorInfo
from google.rpc.status_pb2 import Status
from grpc import StatusCode
from grpc.aio import AioRpcError

from libs.errors import (
    Conflict,
    DeadlineExceeded,
    Exhausted,
    Forbidden,
    Internal,
    Invalid,
    NotFound,
    Precondition,
    Refusal,
    Unauthenticated,
    Unavailable,
    Violation,
)

DETAILS = "grpc-status-details-bin"
# What a refusal's sentence and violations may take of a header, in characters and bytes; both ends expect as much.
SENTENCE, ROOM = 1_000, 16 * 1024
OPTIONS = (("grpc.max_metadata_size", 4 * ROOM), ("grpc.absolute_max_metadata_size", 8 * ROOM))
DOMAIN = "orrery"
STATUS: dict[type[Refusal], StatusCode] = {
    Invalid: StatusCode.INVALID_ARGUMENT,
    Unauthenticated: StatusCode.UNAUTHENTICATED,
    Forbidden: StatusCode.PERMISSION_DENIED,
    NotFound: StatusCode.NOT_FOUND,
    Conflict: StatusCode.ALREADY_EXISTS,
    Precondition: StatusCode.FAILED_PRECONDITION,
    Exhausted: StatusCode.RESOURCE_EXHAUSTED,
    Unavailable: StatusCode.UNAVAILABLE,
    DeadlineExceeded: StatusCode.DEADLINE_EXCEEDED,
    Internal: StatusCode.INTERNAL,
}
KIND = {status: kind for kind, status in STATUS.items()}
# A server that stops cancels what it did not begin.
# A service of the release before does not know the RPC yet: the same call works when the roll-out is through.
ENDED = (StatusCode.UNAVAILABLE, StatusCode.CANCELLED, StatusCode.UNIMPLEMENTED)
# gRPC's words for calls that it had no connection for: no server has seen them.
UNRESOLVED = ("errors resolving", "empty address list")
UNSENT = ("connections to all backends failing", "failed to connect", *UNRESOLVED)
AWAY = "The service is away for a moment; try again."
FAULT = "Something went wrong on our side."


def status_of(refusal: Refusal) -> StatusCode:
    """The gRPC status of the refusal's kind."""
    return next((STATUS[kind] for kind in type(refusal).__mro__ if kind in STATUS), StatusCode.UNKNOWN)


def encode(refusal: Refusal) -> bytes:
    """The refusal as a serialized google.rpc.Status; of very many violations the first ones."""
    status = Status(code=status_of(refusal).value[0], message=refusal.message[:SENTENCE])
    details = {name: value[:SENTENCE] for name, value in refusal.details.items()}
    status.details.append(packed(ErrorInfo(reason=refusal.reason, domain=DOMAIN, metadata=details)))
    if refusal.violations:
        status.details.append(packed(bad_request(refusal.violations)))
    encoded: bytes = status.SerializeToString()
    return encoded


def bad_request(violations: tuple[Violation, ...]) -> BadRequest:
    made = BadRequest()
    for broken in violations:
        description = broken.message[:SENTENCE]
        made.field_violations.add(field=broken.field[:SENTENCE], description=description, reason=broken.code)
        if made.ByteSize() > ROOM:
            made.field_violations.pop()
            break
    return made


def packed(message: ErrorInfo | BadRequest) -> AnyMessage:
    anything = AnyMessage()
    anything.Pack(message)
    return anything


def decode(error: AioRpcError) -> Refusal:
    """The refusal that a failed call stands for; a fault that is nobody's refusal says nothing of itself."""
    for key, value in error.trailing_metadata() or ():
        if key == DETAILS and isinstance(value, bytes):
            return unpacked(error.code(), Status.FromString(value))
    if error.code() in ENDED:
        return Unavailable(AWAY)
    kind = KIND.get(error.code(), Internal)
    return kind(FAULT if kind is Internal else error.details() or FAULT)


def is_lost(error: AioRpcError) -> bool:
    """Whether a call ended with its connection or server, which did not refuse it."""
    if error.code() not in (StatusCode.UNAVAILABLE, StatusCode.CANCELLED):
        return False
    return all(key != DETAILS for key, _ in error.trailing_metadata() or ())


def is_unsent(error: AioRpcError) -> bool:
    """Whether no handler has seen a call, so that it may be sent again whatever it does.

    There was no server to send it to, or one that stops cancelled what it had not begun (handlers.Running).
    """
    if not is_lost(error):
        return False
    return error.code() is StatusCode.CANCELLED or (error.details() or "").startswith(UNSENT)


def is_unresolved(error: AioRpcError) -> bool:
    """Whether a call had nowhere to go, for the service's name has no address."""
    return is_lost(error) and (error.details() or "").startswith(UNRESOLVED)


def unpacked(code: StatusCode, status: Status) -> Refusal:
    refusal = KIND.get(code, Internal)(status.message)
    for detail in status.details:
        if detail.Is(ErrorInfo.DESCRIPTOR):
            info = ErrorInfo.FromString(detail.value)
            refusal.reason, refusal.details = info.reason, dict(info.metadata)
        elif detail.Is(BadRequest.DESCRIPTOR):
            fields = BadRequest.FromString(detail.value).field_violations
            refusal.violations = tuple(Violation(at.field, at.description, at.reason) for at in fields)
    return refusal
