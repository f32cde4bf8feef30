"""What people see: signing in, consent, signing out."""

from collections.abc import Awaitable, Callable, Coroutine
from pathlib import Path
from typing import Any

from fastapi import APIRouter, Request, Response
from orrery.auth.v1 import oauth_pb2 as pb

from gateway.limits.settings import AUTH, DEFAULT
from gateway.oauth2 import documents, html
from gateway.oauth2.calls import Calls
from gateway.oauth2.cookies import Cookie
from gateway.oauth2.parameters import encoded, field, of_form, of_query
from libs.errors import Refusal

STYLE = (Path(__file__).parent / "templates" / "style.css").read_bytes()
NO_STORE = {"cache-control": "no-store"}
AUTHORIZE, SIGN_IN, CONSENT, LOGOUT = "/oauth2/authorize", "/oauth2/sign-in", "/oauth2/consent", "/oauth2/logout"
Steps = Callable[[Request], Awaitable[Response]]


def people(calls: Calls, public_url: str) -> APIRouter:
    """The pages and their forms."""
    router, pages = APIRouter(tags=["OAuth"]), Pages(calls, Cookie(public_url))
    shown: dict[str, Any] = {"response_class": Response, "responses": documents.PAGES}

    @router.get(AUTHORIZE, operation_id="oauth2_authorize", openapi_extra=documents.AUTHORIZE_QUERY, **shown)
    async def authorize(request: Request) -> Response:
        """Where apps send people: to sign in and to allow what the app asks for (RFC 6749, OpenID Connect)."""
        return await pages.guarded(request, pages.authorize)

    @router.post(AUTHORIZE, operation_id="oauth2_authorize_post", openapi_extra=documents.AUTHORIZE_FORM, **shown)
    async def authorize_post(request: Request) -> Response:
        """The same for a request that is sent as a form; it goes on as a query."""
        return await pages.guarded(request, pages.authorize_post)

    @router.get(LOGOUT, operation_id="oauth2_logout", openapi_extra=documents.LOGOUT_QUERY, **shown)
    async def logout(request: Request) -> Response:
        """Where apps send people to sign out (OpenID Connect RP-Initiated Logout)."""
        return await pages.guarded(request, pages.logout)

    add_forms(router, pages)
    return router


def add_forms(router: APIRouter, pages: "Pages") -> None:
    """What the pages' own forms are sent to."""
    forms: dict[str, Steps] = {SIGN_IN: pages.sign_in, CONSENT: pages.consent, LOGOUT: pages.logout_post}

    def taking(steps: Steps) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        async def take(request: Request) -> Response:
            return await pages.guarded(request, steps)

        return take

    for path, steps in forms.items():
        router.add_api_route(path, taking(steps), methods=["POST"], include_in_schema=False)

    @router.get("/oauth2/style.css", include_in_schema=False)
    async def style() -> Response:
        return Response(STYLE, 200, {"cache-control": "public, max-age=86400"}, "text/css")


class Pages:
    """From requests to steps, and from steps to answers."""

    def __init__(self, calls: Calls, cookie: Cookie) -> None:
        self._calls, self._cookie = calls, cookie

    async def guarded(self, request: Request, steps: Steps) -> Response:
        """Whatever is refused, people read on a page."""
        try:
            return await steps(request)
        except Refusal as refusal:
            return html.refused(refusal, request)

    async def authorize(self, request: Request) -> Response:
        passage = await self._calls.enter(request, AUTHORIZE, DEFAULT)
        asked = pb.AuthorizeRequest(parameters=of_query(request), browser=self._cookie.read(request))
        return self._answer(await self._calls.ask("Authorize", asked, passage, pb.AuthorizeStep), request)

    async def authorize_post(self, request: Request) -> Response:
        """A form from another site carries no cookie; the redirect does."""
        await self._calls.enter(request, AUTHORIZE, DEFAULT)
        return sent(f"{AUTHORIZE}?{encoded(await of_form(request))}", request)

    async def sign_in(self, request: Request) -> Response:
        passage = await self._calls.enter(request, SIGN_IN, AUTH)
        form = await of_form(request)
        asked = pb.SignInToAuthorizeRequest(
            request=field(form, "form"),
            browser=self._cookie.read(request),
            username=field(form, "username"),
            password=field(form, "password"),
            otp_code=field(form, "otp"),
            switch_account=field(form, "switch") == "yes",
        )
        return self._answer(await self._calls.ask("SignInToAuthorize", asked, passage, pb.AuthorizeStep), request)

    async def consent(self, request: Request) -> Response:
        passage = await self._calls.enter(request, CONSENT, DEFAULT)
        form = await of_form(request)
        asked = pb.DecideConsentRequest(
            request=field(form, "form"),
            browser=self._cookie.read(request),
            allow=field(form, "decision") == "allow",
            organization_id=field(form, "organization"),
        )
        return self._answer(await self._calls.ask("DecideConsent", asked, passage, pb.AuthorizeStep), request)

    async def logout(self, request: Request) -> Response:
        passage = await self._calls.enter(request, LOGOUT, DEFAULT)
        asked = pb.EndSessionRequest(parameters=of_query(request), browser=self._cookie.read(request))
        return self._answer(await self._calls.ask("EndSession", asked, passage, pb.AuthorizeStep), request)

    async def logout_post(self, request: Request) -> Response:
        """The page's own form, or an app's wish that is sent as one."""
        passage = await self._calls.enter(request, LOGOUT, DEFAULT)
        form = await of_form(request)
        if not field(form, "form"):
            return sent(f"{LOGOUT}?{encoded(form)}", request)
        asked = pb.EndSessionRequest(request=field(form, "form"), browser=self._cookie.read(request))
        return self._answer(await self._calls.ask("EndSession", asked, passage, pb.AuthorizeStep), request)

    def _answer(self, step: pb.AuthorizeStep, request: Request) -> Response:
        response = sent(step.redirect, request) if step.redirect else html.page(step, request)
        if step.browser:
            self._cookie.leave(response, step.browser)
        return response


def sent(location: str, request: Request) -> Response:
    """Onward; after a form by GET, whatever the form was (RFC 9700 §4.12: never 307)."""
    return Response(b"", 303 if request.method == "POST" else 302, {"location": location, **NO_STORE})
