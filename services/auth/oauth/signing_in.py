"""The forms of the authorization endpoint's pages, and signing in by them.

A form that was made for another browser, or too long ago, does nothing: its page is shown anew. Whoever signs in gets
a new cookie, so that one that somebody planted before is worth nothing after.
"""

from dataclasses import dataclass, replace
from datetime import timedelta

from orrery.auth.v1 import oauth_pb2 as pb

from libs.database import SYSTEM, Database, Session
from libs.errors import Exhausted, Forbidden, Invalid, Refusal, Unauthenticated
from services.auth.accounts.passwords import Passwords
from services.auth.oauth import carried, steps
from services.auth.oauth.authorization import BROKEN_FORM, Authorization, Visit, acting, without_sign_in
from services.auth.oauth.browsers.repository import Browsers
from services.auth.oauth.carried import Carried, Stage
from services.auth.oauth_clients.repository import Clients, as_uuid
from services.auth.sealing import Sealer
from services.auth.second_factors.authenticator import Authenticator
from services.auth.second_factors.codes import Proof
from services.auth.second_factors.rules import OTP
from services.auth.sessions import operations as sessions
from services.auth.sessions.login import Attempt, sign_in
from services.auth.sessions.operations import Entry

LIFETIME = timedelta(hours=12)  # of a browser that is signed in
REPLACED = "replaced"


@dataclass(frozen=True, slots=True)
class Forms:
    """Takes the pages' forms."""

    database: Database
    passwords: Passwords
    authenticator: Authenticator
    sealer: Sealer
    authorization: Authorization

    async def sign_in(self, request: pb.SignInToAuthorizeRequest, visit: Visit) -> pb.AuthorizeStep:
        """Sign in and go on, or show the page again with what was wrong."""
        form = carried.opened(self.sealer, request.request, visit.cookie)
        if form is None or form.stage is Stage.SIGN_OUT:
            return steps.error_page(*BROKEN_FORM)
        if not form.is_timely or request.switch_account:
            return await self._show_again(form, visit, anew=request.switch_account and form.is_timely)
        attempt = Attempt(request.username, request.password, visit.client, proof(request.otp_code))
        try:
            entry = await sign_in(self.database, self.passwords, self.authenticator, attempt)
        except (Unauthenticated, Forbidden, Invalid, Exhausted) as refusal:
            return await self._refused(form, visit, request.username, refusal)
        cookie = carried.new_cookie()
        async with self.database.transaction(SYSTEM) as session:
            await enter(session, entry, visit.cookie, cookie)
            arrived = replace(visit, cookie=cookie)
            step = await self.authorization.resume(session, without_sign_in(form.asked), arrived)
        step.browser = cookie
        return step

    async def decide(self, request: pb.DecideConsentRequest, visit: Visit) -> pb.AuthorizeStep:
        """Go back to the app with what the person decided."""
        form = carried.opened(self.sealer, request.request, visit.cookie)
        if form is None or form.stage is not Stage.CONSENT:
            return steps.error_page(*BROKEN_FORM)
        if not form.is_timely:
            return await self._show_again(form, visit)
        async with self.database.transaction(SYSTEM) as session:
            return await decided(session, self.authorization, form, visit, request)

    async def _show_again(self, form: Carried, visit: Visit, *, anew: bool = False) -> pb.AuthorizeStep:
        """The page that the request leads this browser to; with `anew`, the sign-in page whoever is signed in."""
        asked = replace(form.asked, prompts=("select_account",)) if anew else form.asked
        async with self.database.transaction(SYSTEM) as session:
            return await self.authorization.resume(session, asked, visit)

    async def _refused(self, form: Carried, visit: Visit, name: str, refusal: Refusal) -> pb.AuthorizeStep:
        async with self.database.transaction(SYSTEM) as session:
            known = await Clients(session).known(form.asked.client_id)
        if known is None:
            return steps.error_page(*BROKEN_FORM)
        asked = replace(form.asked, login_hint=name[:255])
        return steps.with_refusal(self.authorization.sign_in_page(known, asked, visit), refusal)


async def enter(session: Session, entry: Entry, former: str, cookie: str) -> None:
    """Remember who signed in on this browser; whoever was before is signed out."""
    browsers = Browsers(session)
    if replaced := await browsers.forget(former):
        await sessions.end(session, replaced, REPLACED)
    await browsers.start(cookie, entry.session_id, entry.holder.user_id, LIFETIME)


async def decided(
    session: Session, authorization: Authorization, form: Carried, visit: Visit, request: pb.DecideConsentRequest
) -> pb.AuthorizeStep:
    """The answer to the consent page; it is asked again of a browser where nobody is signed in any more."""
    asked = form.asked
    person = await authorization.person(session, visit)
    known = await Clients(session).known(asked.client_id)
    if person is None or known is None or not frozenset(asked.scopes) <= known.scopes:
        return await authorization.resume(session, asked, visit)
    if not request.allow:
        return await authorization.refuse_consent(session, asked, person)
    actor = await acting(session, visit, person, as_uuid(request.organization_id or person.holder.organization_id))
    if actor is None:
        return await authorization.resume(session, asked, visit)
    await authorization.give_consent(session, known, asked, actor)
    return await authorization.resume(session, asked, replace(visit, has_decided=True))


def proof(code: str) -> Proof:
    """A code of the app, or else a backup code."""
    typed = code.replace(" ", "")
    if not typed:
        return Proof()
    return Proof(otp=typed) if OTP.fullmatch(typed) else Proof(backup=code.strip())
