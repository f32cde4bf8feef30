"""The redirects of single sign-on, and what issuers tell of logouts.

Where a browser's sign-in is proven to be its own, all that goes wrong is told to the app by a redirect; before that, in
the plain family, for an attacker's link must not carry anything to an app.
"""

from typing import TypeVar

import orjson
from fastapi import APIRouter, Request, Response
from google.protobuf.message import Message
from orrery.auth.v1 import sso_pb2 as pb
from orrery.options.v1.options_pb2 import Access, Caller

from gateway.bridge.names import SNAKE
from gateway.bridge.query import Query, parse
from gateway.endpoint import Gate, versionless
from gateway.exchange import exchange_of
from gateway.limits.settings import AUTH, DEFAULT
from gateway.seams import Backend, Call
from gateway.sso import documents
from gateway.sso.cookies import Cookies
from gateway.sso.forms import FormMalformed, field_of
from libs.errors import Invalid, Unauthenticated
from libs.rpc import Passage

A = TypeVar("A", bound=Message)
PREFIX = "/api/v1/auth/sso/{provider}"
SERVICE = pb.DESCRIPTOR.services_by_name["SsoService"]
ANYONE = Access(caller=Caller.CALLER_ANYONE)
SECONDS = 15.0  # for a call: two answers of an issuer
NO_STORE = {"cache-control": "no-store"}
JSON = "application/json"
LOGIN = Query(pb.BeginSsoSignInRequest.DESCRIPTOR, SNAKE, ("provider",))
LOGOUT = Query(pb.BeginSsoLogoutRequest.DESCRIPTOR, SNAKE, ("provider",))
SAID = ("state", "code", "error", "iss")


def sso(gate: Gate, auth: Backend, public_url: str) -> APIRouter:
    """The routes; `auth` is the service, `public_url` where browsers reach us."""
    router, pages = APIRouter(prefix=PREFIX, tags=["Sso"]), Pages(gate, auth, public_url)
    redirects = (
        ("/login", pages.login, "sso_login", documents.LOGIN),
        ("/callback", pages.callback, "sso_callback", documents.CALLBACK),
        ("/logout", pages.logout, "sso_logout", documents.LOGOUT),
    )
    for path, page, name, told in redirects:
        router.add_api_route(
            path,
            page,
            operation_id=name,
            status_code=302,
            responses=documents.REDIRECT,
            response_class=Response,
            openapi_extra=told,
        )
    router.add_api_route(
        "/backchannel-logout",
        pages.backchannel_logout,
        methods=["POST"],
        operation_id="sso_backchannel_logout",
        responses=documents.TOLD,
        response_class=Response,
        openapi_extra=documents.BACKCHANNEL,
    )
    return router


class Pages:
    """What each route does."""

    def __init__(self, gate: Gate, auth: Backend, public_url: str) -> None:
        names = "BeginSsoSignIn", "FinishSsoSignIn", "BeginSsoLogout", "ReceiveSsoLogout"
        self._begin, self._finish, self._end, self._receive = (
            auth.bind(SERVICE.methods_by_name[name], SECONDS) for name in names
        )
        self._gate, self._cookies = gate, Cookies(public_url)

    async def login(self, request: Request, provider: str) -> Response:
        """Begins a sign-in: sends the browser to the issuer."""
        passage = await self._enter(request, "/login", AUTH)
        begun = await asked(self._begin, LOGIN(query(request), {"provider": provider}), passage, pb.SsoSignIn)
        response = redirect(begun.authorization_url)
        self._cookies.leave(response, begun.state, begun.browser_secret, begun.expires_in)
        return response

    async def callback(self, request: Request, provider: str) -> Response:
        """Takes the browser back from the issuer: sends it to the app with a one-time code, or with an error."""
        passage = await self._enter(request, "/callback", AUTH)
        answer = answer_of(request, provider)
        answer.browser_secret = self._cookies.read(request, answer.state)
        response = redirect((await asked(self._finish, answer, passage, pb.SsoRedirect)).location)
        self._cookies.clear(response, answer.state)
        return response

    async def logout(self, request: Request, provider: str) -> Response:
        """Ends the bearer's session, and sends the browser to the issuer to end that one."""
        passage = await self._enter(request, "/logout", AUTH)
        ending = LOGOUT(query(request), {"provider": provider})
        return redirect((await asked(self._end, ending, passage, pb.SsoRedirect)).location)

    async def backchannel_logout(self, request: Request, provider: str) -> Response:
        """Takes an issuer's logout token (OpenID Connect Back-Channel Logout)."""
        passage = await self._enter(request, "/backchannel-logout", DEFAULT)
        try:
            token = await field_of(request, "logout_token")
            await self._receive(pb.ReceiveSsoLogoutRequest(provider=provider, logout_token=token), passage)
        except (Unauthenticated, FormMalformed) as refusal:
            body = {"error": "invalid_request", "error_description": refusal.message}
            return Response(orjson.dumps(body), 400, NO_STORE, JSON)
        return Response(b"", 200, NO_STORE)

    async def _enter(self, request: Request, path: str, rate: str) -> Passage:
        """Count the request, for the caller that it shows; raises what they get."""
        exchange = exchange_of(request.scope)
        exchange.route = PREFIX + path
        peer = request.client.host if request.client else ""
        admission = await self._gate.authenticator.admit(peer, request.scope["headers"], ANYONE)
        exchange.identity = admission.identity
        exchange.allowance = await self._gate.limiter.take(rate, admission.identity)
        return Passage(admission.signed, exchange.request_id)


async def asked(call: Call, request: Message, passage: Passage, kind: type[A]) -> A:
    answer = await call(request, passage)
    assert isinstance(answer, kind)  # noqa: S101  # the call is bound to this method
    return answer


def query(request: Request) -> bytes:
    return versionless(request.scope["query_string"], exchange_of(request.scope).headers)


def answer_of(request: Request, provider: str) -> pb.FinishSsoSignInRequest:
    """What the issuer says; it may say more than is asked for, but nothing twice (RFC 6749 §3.1)."""
    said = parse(request.scope["query_string"])
    if any(len(said.get(name, ())) > 1 for name in SAID):
        raise Invalid("A parameter of the sign-in's answer comes twice.")
    return pb.FinishSsoSignInRequest(provider=provider, **{name: said[name][0] for name in SAID if name in said})


def redirect(location: str) -> Response:
    return Response(b"", 302, {"location": location, **NO_STORE})
