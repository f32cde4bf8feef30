"""The pages of the development mailbox: a list, one mail, and both as JSON for tests.

Whether there is a mailbox, auth decides; where there is none, these paths are as empty as any other.
"""

from pathlib import Path
from typing import Any, TypeVar

import orjson
from fastapi import APIRouter, Request, Response
from google.protobuf.json_format import MessageToDict
from google.protobuf.message import Message
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from orrery.auth.v1 import mailbox_pb2 as pb
from orrery.options.v1.options_pb2 import Access, Caller
from starlette.exceptions import HTTPException

from gateway.endpoint import Gate
from gateway.exchange import exchange_of
from gateway.limits.settings import DEFAULT
from gateway.seams import Backend, Call
from libs.errors import NotFound
from libs.rpc import Passage

SERVICE = pb.DESCRIPTOR.services_by_name["MailboxService"]
ANYONE = Access(caller=Caller.CALLER_ANYONE)
CREDENTIALS = (b"authorization", b"x-api-key")
SECONDS = 10.0
LONGEST = 255  # characters of an address
HTML, JSON = "text/html; charset=utf-8", "application/json"
HEADERS = {
    "cache-control": "no-store",
    "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none';"
    " frame-ancestors 'none'",
}
A = TypeVar("A", bound=Message)
ENGINE = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


def mailbox(gate: Gate, auth: Backend) -> APIRouter:
    """The routes; `auth` is the service."""
    router = APIRouter(prefix="/dev", include_in_schema=False)
    listing, getting = (auth.bind(SERVICE.methods_by_name[name], SECONDS) for name in ("ListMails", "GetMail"))

    @router.get("/mail.json")
    async def listed(request: Request) -> Response:
        found = await ask(listing, wanted(request), await enter(gate, request), pb.ListMailsResponse)
        return Response(orjson.dumps({"mails": [told(mail) for mail in found.mails]}), 200, HEADERS, JSON)

    @router.get("/mail")
    async def page(request: Request) -> Response:
        found = await ask(listing, wanted(request), await enter(gate, request), pb.ListMailsResponse)
        return rendered("list.html", mails=found.mails)

    @router.get("/mail/{mail_id}")
    async def one(request: Request, mail_id: str) -> Response:
        asked = pb.GetMailRequest(mail_id=mail_id)
        return rendered("mail.html", mail=await ask(getting, asked, await enter(gate, request), pb.Mail))

    return router


async def enter(gate: Gate, request: Request) -> Passage:
    """Count the request; whatever credentials it carries do not matter here."""
    exchange = exchange_of(request.scope)
    exchange.route = "/dev/mail"
    peer = request.client.host if request.client else ""
    headers = [one for one in request.scope["headers"] if one[0] not in CREDENTIALS]
    admission = await gate.authenticator.admit(peer, headers, ANYONE)
    exchange.allowance = await gate.limiter.take(DEFAULT, admission.identity)
    return Passage(admission.signed, exchange.request_id)


async def ask(call: Call, request: Message, passage: Passage, kind: type[A]) -> A:
    try:
        answer = await call(request, passage)
    except NotFound:
        raise HTTPException(404) from None
    assert isinstance(answer, kind)  # noqa: S101  # the call is bound to this method
    return answer


def wanted(request: Request) -> pb.ListMailsRequest:
    """The mails to one address where the query names it."""
    recipient = request.query_params.get("recipient", "")[:LONGEST]
    return pb.ListMailsRequest(recipient=recipient) if recipient else pb.ListMailsRequest()


def told(mail: pb.Mail) -> dict[str, Any]:
    found: dict[str, Any] = MessageToDict(
        mail, preserving_proto_field_name=True, always_print_fields_with_no_presence=True
    )
    return found


def rendered(template: str, **values: object) -> Response:
    return Response(ENGINE.get_template(template).render(values), 200, HEADERS, HTML)
