"""All that signing in through issuers needs, put together once per process."""

from dataclasses import dataclass, field

from orrery.auth.sso.v1 import events_pb2 as events

from libs import outbox
from libs.database import SYSTEM, Database
from libs.errors import Invalid, Refusal, Violation
from services.auth.sealing import Sealer
from services.auth.sessions.repository import Owner
from services.auth.sso.errors import SsoProviderUnknown
from services.auth.sso.fetch import Fetch
from services.auth.sso.issuer import Issuer
from services.auth.sso.provider import SsoSettings

NOBODY = Owner(0, "")


@dataclass(frozen=True)
class Trust:
    """The issuers that a deployment trusts, and for what."""

    database: Database
    sealer: Sealer
    settings: SsoSettings
    public_url: str
    issuers: dict[str, Issuer] = field(default_factory=dict)

    @classmethod
    def of(cls, database: Database, sealer: Sealer, settings: SsoSettings, public_url: str, fetch: Fetch) -> "Trust":
        """`public_url` is where the issuers' answers reach the gateway."""
        issuers = {one.name: Issuer(one, fetch) for one in settings.providers}
        return cls(database, sealer, settings, public_url.rstrip("/"), issuers)

    def issuer(self, name: str) -> Issuer:
        """Raises SsoProviderUnknown."""
        if name not in self.issuers:
            raise SsoProviderUnknown
        return self.issuers[name]

    def bearers_issuer(self, issuer: object) -> Issuer | None:
        """Whose access tokens with this `iss` are accepted; None where they are not."""
        trusted = (one for one in self.issuers.values() if one.provider.accept_bearer)
        return next((one for one in trusted if one.provider.issuer == issuer), None)

    def callback(self, name: str) -> str:
        """Where an issuer sends browsers back; it is registered there."""
        return f"{self.public_url}/api/v1/auth/sso/{name}/callback"

    def target(self, redirect_uri: str | None) -> str:
        """Where the browser goes in the end; raises Invalid for what is not on the list, to the letter."""
        if redirect_uri is None and self.settings.landing_url:
            return self.settings.landing_url
        if redirect_uri in self.settings.redirect_uris and redirect_uri is not None:
            return redirect_uri
        told = "This server sends nobody there." if redirect_uri else "This field is required."
        broken = Violation("redirect_uri", told, "not_allowed" if redirect_uri else "required")
        raise Invalid("The request breaks the rules of its fields.", (broken,))

    async def note_refusal(self, provider: str, refusal: Refusal, whose: Owner = NOBODY) -> None:
        """In a transaction of its own, which stays when the call is refused."""
        refused = events.SsoSignInRefused(user_id=whose.user_id, provider=provider, reason=refusal.reason)
        async with self.database.transaction(SYSTEM) as session:
            outbox.publish(session, refused, key=str(whose.user_id), by=whose)
