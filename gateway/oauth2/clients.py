"""What clients ask for: tokens, their revocation and introspection, and claims by an access token."""

from collections.abc import Callable, Coroutine
from typing import Any

import orjson
from fastapi import APIRouter, Request, Response
from google.protobuf.message import Message
from orrery.auth.v1 import oauth_pb2 as pb
from orrery.options.v1.options_pb2 import Access, Caller

from gateway.limits.settings import DEFAULT
from gateway.oauth2 import documents
from gateway.oauth2.calls import Calls
from gateway.oauth2.parameters import of_form
from gateway.oauth2.refusals import JSON, NO_STORE, of_bearer, of_client
from libs.errors import Refusal

BEARER = Access(caller=Caller.CALLER_USER)  # auth looks at the scopes
Answer = Callable[[Message], Response]


def clients(calls: Calls) -> APIRouter:
    """The endpoints that no person sees."""
    router = APIRouter(tags=["OAuth"])

    @router.post(
        "/oauth2/token",
        operation_id="oauth2_token",
        response_class=Response,
        responses=documents.TOKEN,
        openapi_extra=documents.TOKEN_FORM,
    )
    async def token(request: Request) -> Response:
        """Trades a grant for tokens (RFC 6749): authorization_code, refresh_token, client_credentials."""
        return await told_by(calls, request, "/oauth2/token", "ExchangeToken", pb.TokenAnswer)

    @router.post(
        "/oauth2/revoke",
        operation_id="oauth2_revoke",
        response_class=Response,
        responses=documents.REVOKED,
        openapi_extra=documents.TOKEN_IN_FORM,
    )
    async def revoke(request: Request) -> Response:
        """Ends a token of the client, and all that was given with it (RFC 7009)."""
        return await told_by(calls, request, "/oauth2/revoke", "RevokeToken", pb.RevokeTokenResponse)

    @router.post(
        "/oauth2/introspect",
        operation_id="oauth2_introspect",
        response_class=Response,
        responses=documents.INTROSPECTED,
        openapi_extra=documents.TOKEN_IN_FORM,
    )
    async def introspect(request: Request) -> Response:
        """Says whether a token of the client's organization is good, and for what (RFC 7662)."""
        return await told_by(calls, request, "/oauth2/introspect", "IntrospectToken", pb.Introspection)

    add_userinfo(router, calls)
    return router


def add_userinfo(router: APIRouter, calls: Calls) -> None:
    described: dict[str, Any] = {"response_class": Response, "responses": documents.CLAIMS}

    async def userinfo(request: Request) -> Response:
        """Claims about the access token's person, as far as its scopes go (OpenID Connect)."""
        try:
            passage = await calls.enter(request, "/oauth2/userinfo", DEFAULT, BEARER)
            claims = await calls.ask("GetUserInfo", pb.GetUserInfoRequest(), passage, pb.UserInfo)
        except Refusal as refusal:
            return of_bearer(refusal, request)
        return Response(orjson.dumps(fields(claims)), 200, NO_STORE, JSON)

    handlers: list[tuple[str, Callable[[Request], Coroutine[Any, Any, Response]]]]
    handlers = [("GET", userinfo), ("POST", userinfo)]
    for verb, handler in handlers:
        name = "oauth2_userinfo" if verb == "GET" else "oauth2_userinfo_post"
        router.add_api_route("/oauth2/userinfo", handler, methods=[verb], operation_id=name, **described)


async def told_by(calls: Calls, request: Request, path: str, name: str, kind: type[Message]) -> Response:
    """What auth answers to a client's form."""
    try:
        passage = await calls.enter(request, path, DEFAULT)
        asked = pb.ClientRequest(
            parameters=await of_form(request), authorization=request.headers.get("authorization", "")
        )
        answer = await calls.ask(name, asked, passage, kind)
    except Refusal as refusal:
        return of_client(refusal, request)
    return Response(orjson.dumps(fields(answer)), 200, NO_STORE, JSON)


def fields(answer: Message) -> dict[str, Any]:
    """What is told: fields without presence always, optional ones where they are set."""
    return {
        one.name: getattr(answer, one.name)
        for one in answer.DESCRIPTOR.fields
        if not one.has_presence or answer.HasField(one.name)
    }
