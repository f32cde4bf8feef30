"""Signing out at an app's wish (OpenID Connect RP-Initiated Logout 1.0).

Whoever proves by an id token that they signed this very person in is obeyed at once; anybody else could have sent the
person here, so the person is asked.
"""

from dataclasses import dataclass

from orrery.auth.v1 import oauth_pb2 as pb

from libs.database import SYSTEM, Database, Session
from services.auth.oauth import carried, steps
from services.auth.oauth.authorization import BROKEN_FORM, Authorization, Person, Visit
from services.auth.oauth.browsers.repository import Browsers
from services.auth.oauth.carried import Stage
from services.auth.oauth.forms import Form
from services.auth.oauth.tokens import OAuthTokens
from services.auth.oauth_clients import uris
from services.auth.oauth_clients.repository import Clients, Known
from services.auth.sealing import Sealer
from services.auth.sessions import operations as sessions

WRONG_REQUEST = "invalid_request", "The app's request to sign you out is not valid."
LONGEST_STATE = 2048


@dataclass(frozen=True, slots=True)
class Farewell:
    """Where the browser goes after signing out; nowhere where `uri` is empty."""

    uri: str = ""
    state: str = ""

    def step(self) -> pb.AuthorizeStep:
        if not self.uri:
            return pb.AuthorizeStep(page=pb.PAGE_SIGNED_OUT)
        return pb.AuthorizeStep(redirect=steps.with_query(self.uri, {"state": self.state} if self.state else {}))


@dataclass(frozen=True, slots=True)
class SigningOut:
    """Takes an app's wish, and the person's answer to it."""

    database: Database
    sealer: Sealer
    tokens: OAuthTokens
    authorization: Authorization

    async def wished(self, form: Form, visit: Visit) -> pb.AuthorizeStep:
        """An app has sent somebody here."""
        hint = self.tokens.read_hint(form.get("id_token_hint"))
        named = form.get("client_id") or (hint.text("aud") if hint else "")
        is_other = bool(hint and form.get("client_id") not in ("", hint.text("aud")))
        async with self.database.transaction(SYSTEM) as session:
            known = await Clients(session).known(named) if named else None
            if form.doubled or is_other or not may_leave(form, known):
                return steps.error_page(*WRONG_REQUEST)
            farewell = Farewell(form.get("post_logout_redirect_uri"), form.get("state"))
            person = await self.authorization.person(session, visit)
            if person is None or (hint and hint.text("sub") == str(person.holder.account.id)):
                return await leave(session, visit, farewell)
            return self._page(form, known, visit, farewell, person)

    async def confirmed(self, sealed: str, visit: Visit) -> pb.AuthorizeStep:
        """The person said so."""
        form = carried.opened(self.sealer, sealed, visit.cookie)
        if form is None or form.stage is not Stage.SIGN_OUT or not form.is_timely:
            return steps.error_page(*BROKEN_FORM)
        async with self.database.transaction(SYSTEM) as session:
            return await leave(session, visit, Farewell(form.request["uri"], form.request["state"]))

    def _page(
        self, form: Form, known: Known | None, visit: Visit, farewell: Farewell, person: Person
    ) -> pb.AuthorizeStep:
        request = {"uri": farewell.uri, "state": farewell.state}
        return pb.AuthorizeStep(
            page=pb.PAGE_SIGN_OUT,
            request=carried.seal(self.sealer, Stage.SIGN_OUT, request, visit.cookie),
            client_name=known.client.name if known else "",
            account=person.holder.account.username,
            form_target=uris.form_source(farewell.uri) if farewell.uri else "",
            ui_locales=form.get("ui_locales")[:255],
        )


def may_leave(form: Form, known: Known | None) -> bool:
    """Whether the browser may be sent where the app says: exactly where it registered, or nowhere."""
    uri = form.get("post_logout_redirect_uri")
    is_registered = known is not None and uris.matches(known.client.post_logout_redirect_uris, uri)
    return len(form.get("state")) <= LONGEST_STATE and (not uri or is_registered)


async def leave(session: Session, visit: Visit, farewell: Farewell) -> pb.AuthorizeStep:
    """Sign out of this browser, if anybody is signed in."""
    if visit.cookie and (session_id := await Browsers(session).forget(visit.cookie)):
        await sessions.end(session, session_id, sessions.LOGOUT)
    return farewell.step()
