"""The authorization endpoint (RFC 6749 §3.1, OpenID Connect Core §3.1.2): from a request to a page or a redirect.

Until client and redirect URI are proven, whatever is wrong is shown on a page and nobody is sent anywhere.
"""

from dataclasses import dataclass, replace
from uuid import UUID

from orrery.auth.oauth.v1 import events_pb2 as events
from orrery.auth.v1 import oauth_pb2 as pb

from libs import outbox
from libs.database import Session
from services.auth.accounts.holder import Holder
from services.auth.accounts.repository import Accounts
from services.auth.devices.repository import note_seen
from services.auth.oauth import carried, operations, requests, steps
from services.auth.oauth.browsers.repository import Browsers, People, SignedIn
from services.auth.oauth.carried import Stage
from services.auth.oauth.forms import Form
from services.auth.oauth.operations import Permission
from services.auth.oauth.requests import CONSENT, LOGIN, NONE, SELECT, Asked, AuthorizationRefused
from services.auth.oauth_clients import uris
from services.auth.oauth_clients.repository import Clients, Consents, Given, Known
from services.auth.sealing import Sealer
from services.auth.sessions.client import Client

UNKNOWN_CLIENT = "invalid_client", "The app that sent you here is unknown, or may not act at present."
WRONG_REDIRECT = "invalid_redirect_uri", "The app asks to send you to an address that it has not registered."
BROKEN_FORM = "expired", "This page is out of date. Go back to the app and start again."


@dataclass(frozen=True, slots=True)
class Visit:
    """A browser at one request: its cookie (empty: none), where it is, and whether consent was given just now."""

    cookie: str
    client: Client
    has_decided: bool = False


@dataclass(frozen=True, slots=True)
class Person:
    """Who is signed in on the browser, and for which organization."""

    holder: Holder
    signed_in: SignedIn


class Authorization:
    """The steps of one issuer."""

    def __init__(self, sealer: Sealer, issuer: str) -> None:
        self._sealer, self._issuer = sealer, issuer

    async def arrive(self, session: Session, form: Form, visit: Visit) -> pb.AuthorizeStep:
        """An app has sent somebody here."""
        known = None if "client_id" in form.doubled else await Clients(session).known(form.get("client_id"))
        if known is None:
            return steps.error_page(*UNKNOWN_CLIENT)
        redirect_uri = form.get("redirect_uri")
        if "redirect_uri" in form.doubled or not uris.matches(known.client.redirect_uris, redirect_uri):
            return steps.error_page(*WRONG_REDIRECT)
        try:
            asked = requests.read(form, known)
        except AuthorizationRefused as refused:
            return self._refuse(redirect_uri, requests.state_of(form), refused)
        return await self.proceed(session, known, asked, visit)

    async def resume(self, session: Session, asked: Asked, visit: Visit) -> pb.AuthorizeStep:
        """A form came back; the client may have changed meanwhile."""
        known = await Clients(session).known(asked.client_id)
        if known is None:
            return steps.error_page(*UNKNOWN_CLIENT)
        if not uris.matches(known.client.redirect_uris, asked.redirect_uri):
            return steps.error_page(*WRONG_REDIRECT)
        if not frozenset(asked.scopes) <= known.scopes:
            refused = AuthorizationRefused("invalid_scope", "The scope is not registered for the client any more.")
            return self._refuse(asked.redirect_uri, asked.state, refused)
        return await self.proceed(session, known, asked, visit)

    async def proceed(self, session: Session, known: Known, asked: Asked, visit: Visit) -> pb.AuthorizeStep:
        """The next step of a request that may be granted."""
        person = await self.person(session, visit)
        if person is None or must_sign_in(asked, person):
            return self._silent(asked, "login_required") or self.sign_in_page(known, asked, visit)
        given = await Consents(session, person.holder.user_id).given(known.client.id)
        actor = await acting(session, visit, person, given.organization_id)
        if actor is None or not (visit.has_decided or is_settled(known, asked, given)):
            silent = self._silent(asked, "consent_required")
            return silent or await self.consent_page(session, known, asked, visit, person)
        return await self.grant(session, known, asked, visit, replace(person, holder=actor))

    async def person(self, session: Session, visit: Visit) -> Person | None:
        """Who is signed in on the browser, and may act from where it is."""
        signed_in = await Browsers(session).find(visit.cookie) if visit.cookie else None
        if signed_in is None:
            return None
        holder = await Accounts(session).holder(signed_in.user_id, signed_in.organization_id)
        if holder is None or holder.limits.refusal(visit.client):
            return None
        await note_seen(session, [signed_in.session_id])
        return Person(holder, signed_in)

    def sign_in_page(self, known: Known, asked: Asked, visit: Visit) -> pb.AuthorizeStep:
        cookie = visit.cookie if carried.is_cookie(visit.cookie) else carried.new_cookie()
        step = steps.page(pb.PAGE_SIGN_IN, known, asked, carried.seal(self._sealer, Stage.SIGN_IN, asked, cookie))
        step.browser = "" if cookie == visit.cookie else cookie
        return step

    async def consent_page(
        self, session: Session, known: Known, asked: Asked, visit: Visit, person: Person
    ) -> pb.AuthorizeStep:
        sealed = carried.seal(self._sealer, Stage.CONSENT, asked, visit.cookie)
        step = steps.page(pb.PAGE_CONSENT, known, asked, sealed)
        step.account = person.holder.account.username
        found = await People(session).organizations(person.holder.user_id)
        for organization_id, name in sorted(found, key=lambda one: one[0] != person.signed_in.organization_id):
            step.organizations.add(id=str(organization_id), name=name)
        step.organization = step.organizations[0].name
        return step

    async def refuse_consent(self, session: Session, asked: Asked, person: Person) -> pb.AuthorizeStep:
        """The person said no."""
        user_id = person.holder.user_id
        told = events.ConsentRefused(user_id=user_id, client_id=asked.client_id, scopes=asked.scopes)
        outbox.publish(session, told, key=str(user_id), by=person.holder)
        denied = AuthorizationRefused("access_denied", "The person refused.")
        return self._refuse(asked.redirect_uri, asked.state, denied)

    async def give_consent(self, session: Session, known: Known, asked: Asked, actor: Holder) -> None:
        """The person said yes, for one of their organizations, and is not asked for the same again."""
        user_id = actor.user_id
        await Consents(session, user_id).give(known.client.id, UUID(actor.organization_id), asked.scopes)
        told = events.ConsentGiven(user_id=user_id, client_id=asked.client_id, scopes=asked.scopes)
        outbox.publish(session, told, key=str(user_id), by=actor)

    async def grant(
        self, session: Session, known: Known, asked: Asked, visit: Visit, person: Person
    ) -> pb.AuthorizeStep:
        """Send the browser back with a code."""
        given = Permission(
            holder=person.holder,
            scopes=asked.scopes,
            amr=person.signed_in.amr,
            signed_in_at=person.signed_in.at,
            redirect_uri=asked.redirect_uri,
            challenge=asked.challenge,
            nonce=asked.nonce or None,
        )
        code = await operations.authorize(session, known, given, visit.client)
        return steps.redirect(asked.redirect_uri, self._issuer, asked.state, code=code)

    def _silent(self, asked: Asked, error: str) -> pb.AuthorizeStep | None:
        """The answer to an app that wants no page shown; None for any other."""
        if NONE not in asked.prompts:
            return None
        refused = AuthorizationRefused(error, "A page would have to be shown, and prompt=none forbids it.")
        return self._refuse(asked.redirect_uri, asked.state, refused)

    def _refuse(self, uri: str, state: str, refused: AuthorizationRefused) -> pb.AuthorizeStep:
        told = {"error": refused.error, "error_description": refused.description}
        return steps.redirect(uri, self._issuer, state, **told)


def must_sign_in(asked: Asked, person: Person) -> bool:
    """Whether the app wants to see somebody sign in anew."""
    is_too_old = asked.max_age is not None and person.signed_in.age_seconds > asked.max_age
    return is_too_old or LOGIN in asked.prompts or SELECT in asked.prompts


async def acting(session: Session, visit: Visit, person: Person, organization_id: UUID | None) -> Holder | None:
    """The person as a member of the organization; None where they may not act for it, or not from there."""
    found = await Accounts(session).holder(person.holder.user_id, organization_id) if organization_id else None
    return None if found is None or found.limits.refusal(visit.client) else found


def is_settled(known: Known, asked: Asked, given: Given) -> bool:
    """Whether nobody need be asked. Of an app that anybody can pretend to be (RFC 8252 §8.6), people are each time."""
    is_proven = not known.client.is_public or uris.is_claimed(asked.redirect_uri)
    return is_proven and CONSENT not in asked.prompts and frozenset(asked.scopes) <= given.scopes


def without_sign_in(asked: Asked) -> Asked:
    """The request once somebody has signed in for it."""
    return replace(asked, prompts=tuple(one for one in asked.prompts if one not in (LOGIN, SELECT)), max_age=None)
