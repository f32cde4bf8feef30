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
AWAY = "The service is away for a moment; try again."
FAULT = "Something went wrong on our side."


def status_of(refusal: Refusal) -> StatusCode:
    """The gRPC status of the refusal's kind."""
    return next((STATUS[kind] for kind in type(refusal).__mro__ if kind in STATUS), StatusCode.UNKNOWN)


def encode(refusal: Refusal) -> bytes:
    """The refusal as a serialized google.rpc.Status."""
    status = Status(code=status_of(refusal).value[0], message=refusal.message)
    info = ErrorInfo(reason=refusal.reason, domain=DOMAIN, metadata=refusal.details)
    status.details.append(packed(info))
    if refusal.violations:
        fields = [
            BadRequest.FieldViolation(field=broken.field, description=broken.message, reason=broken.code)
            for broken in refusal.violations
        ]
        status.details.append(packed(BadRequest(field_violations=fields)))
    encoded: bytes = status.SerializeToString()
    return encoded


def packed(message: ErrorInfo | BadRequest) -> AnyMessage:
    anything = AnyMessage()
    anything.Pack(message)
    return anything


def decode(error: AioRpcError) -> Refusal:
    """The refusal that a failed call stands for; a fault that is nobody's refusal says nothing of itself."""
    for key, value in error.trailing_metadata() or ():
        if key == DETAILS and isinstance(value, bytes):
            return unpacked(error.code(), Status.FromString(value))
    if error.code() is StatusCode.UNAVAILABLE:
        return Unavailable(AWAY)
    kind = KIND.get(error.code(), Internal)
    return kind(FAULT if kind is Internal else error.details() or FAULT)


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
