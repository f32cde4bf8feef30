"""Asking auth in the name of whoever is at the other end."""

from typing import TypeVar

from fastapi import Request
from google.protobuf.message import Message
from orrery.auth.v1 import oauth_pb2 as pb
from orrery.options.v1.options_pb2 import Access, Caller

from gateway.endpoint import Gate
from gateway.exchange import exchange_of
from gateway.seams import Backend, Call
from libs.rpc import Passage

SERVICE = pb.DESCRIPTOR.services_by_name["OAuthService"]
ANYONE = Access(caller=Caller.CALLER_ANYONE)
CREDENTIALS = (b"authorization", b"x-api-key")
SECONDS = 10.0
A = TypeVar("A", bound=Message)


class Calls:
    """The RPCs of the authorization server."""

    def __init__(self, gate: Gate, auth: Backend) -> None:
        self._gate = gate
        self._calls: dict[str, Call] = {name: auth.bind(SERVICE.methods_by_name[name], SECONDS) for name in NAMES}

    async def enter(self, request: Request, path: str, rate: str, access: Access = ANYONE) -> Passage:
        """Count the request; raises what the caller gets.

        Where anyone may call, an Authorization header is the client's (HTTP Basic), and auth's to judge.
        """
        exchange = exchange_of(request.scope)
        exchange.route = path
        headers = request.scope["headers"]
        if access is ANYONE:
            headers = [one for one in headers if one[0] not in CREDENTIALS]
        peer = request.client.host if request.client else ""
        admission = await self._gate.authenticator.admit(peer, headers, access)
        exchange.identity = admission.identity
        exchange.allowance = await self._gate.limiter.take(rate, admission.identity)
        return Passage(admission.signed, exchange.request_id)

    async def ask(self, name: str, request: Message, passage: Passage, kind: type[A]) -> A:
        answer = await self._calls[name](request, passage)
        assert isinstance(answer, kind)  # noqa: S101  # the call is bound to this method
        return answer


NAMES = [method.name for method in SERVICE.methods]
