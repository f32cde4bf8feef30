"""Auth put together from its features: what its process serves and runs, and its tests alike."""

from dataclasses import dataclass
from datetime import timedelta

from libs.blobs import Blobs
from libs.database import Database
from libs.process import Runnable
from services.auth.accounts.passwords import Passwords
from services.auth.accounts.rpc import AccountsServicer
from services.auth.accounts.rules import PasswordRules
from services.auth.api_keys.rpc import ApiKeysServicer
from services.auth.api_tokens.rpc import ApiTokensServicer
from services.auth.credentials.rpc import CredentialsServicer
from services.auth.credentials.uses import Uses
from services.auth.devices.rpc import DevicesServicer
from services.auth.invitations.rpc import InvitationsServicer
from services.auth.keys.keyring import Clock, Keyring, utc_now
from services.auth.keys.rpc import KeysServicer
from services.auth.mails.rpc import MailboxServicer
from services.auth.members.rpc import MembersServicer
from services.auth.oauth.rpc import OAuthServicer
from services.auth.oauth.sweep import OAuthSweep
from services.auth.oauth.tokens import OAuthTokens
from services.auth.oauth_clients.rpc import AuthorizedAppsServicer, OAuthClientsServicer
from services.auth.organizations.rpc import OrganizationsServicer
from services.auth.passkeys.party import RelyingParty
from services.auth.passkeys.rpc import PasskeysServicer
from services.auth.platforms.directory import Directory
from services.auth.platforms.http import PlatformHttp
from services.auth.platforms.rpc import PlatformsServicer
from services.auth.platforms.settings import PlatformSettings
from services.auth.privacy.rpc import PrivacyServicer
from services.auth.recovery.passwords import Desk
from services.auth.recovery.rpc import EmailsServicer, PasswordsServicer
from services.auth.roles.rpc import RolesServicer
from services.auth.sealing import Ring
from services.auth.second_factors.authenticator import Authenticator
from services.auth.second_factors.rpc import SecondFactorsServicer
from services.auth.sessions.repository import Lifetimes
from services.auth.sessions.rpc import SessionsServicer
from services.auth.sessions.sweep import Sweep
from services.auth.sessions.tokens import AccessTokens
from services.auth.sso.fetch import Fetch
from services.auth.sso.provider import SsoSettings
from services.auth.sso.rpc import SsoServicer
from services.auth.sso.trust import Trust
from services.auth.tenants.rpc import TenantsServicer
from services.auth.users.rpc import UsersServicer


@dataclass(frozen=True)
class Parts:
    """What auth works with; entered and left by whoever made it."""

    database: Database
    blobs: Blobs
    passwords: Passwords
    sealer: Ring
    issuers: Fetch
    platforms: PlatformHttp


@dataclass(frozen=True)
class Choices:
    """What a deployment decides. `issuer` is its public URL."""

    issuer: str
    audience: str
    party: RelyingParty
    sso: SsoSettings
    platforms: PlatformSettings
    lifetimes: Lifetimes
    grace: timedelta
    refuse_frequent: bool = False
    has_mailbox: bool = False
    otp_issuer: str = "Orrery"


class Auth:
    """The features, each with what it needs."""

    def __init__(self, parts: Parts, choices: Choices, clock: Clock = utc_now) -> None:
        database, sealer = parts.database, parts.sealer
        self._parts, self._choices = parts, choices
        self.keyring = Keyring(database, sealer, clock)
        self.trust = Trust.of(database, sealer, choices.sso, choices.issuer, parts.issuers)
        self._tokens = AccessTokens(self.keyring, choices.issuer, choices.audience)
        self._app_tokens = OAuthTokens(self.keyring, choices.issuer, choices.audience)
        self._authenticator = Authenticator(sealer, choices.otp_issuer, clock)
        self._uses = Uses(database)

    def servicers(self) -> tuple[object, ...]:
        """What the gRPC server serves."""
        return *self._signing_in(), *self._people(), *self._organizations(), *self._apps()

    def loops(self) -> tuple[Runnable, ...]:
        """What runs beside it."""
        database = self._parts.database
        return self._parts.sealer, self.keyring, self._uses, Sweep(database), OAuthSweep(database)

    def _signing_in(self) -> tuple[object, ...]:
        database, passwords, choices = self._parts.database, self._parts.passwords, self._choices
        frequent, known, tokens = choices.refuse_frequent, self._authenticator, self._tokens
        return (
            KeysServicer(self.keyring),
            AccountsServicer(database, passwords, tokens, refuse_frequent=frequent),
            SessionsServicer(database, passwords, tokens, known, self.trust, choices.lifetimes),
            SecondFactorsServicer(database, passwords, known, refuse_frequent=frequent),
            PasskeysServicer(database, tokens, choices.party),
            SsoServicer(self.trust, tokens),
        )

    def _people(self) -> tuple[object, ...]:
        database, sealer = self._parts.database, self._parts.sealer
        desk = Desk(database, self._parts.passwords, PasswordRules(self._choices.refuse_frequent))
        return (
            EmailsServicer(desk),
            PasswordsServicer(desk),
            UsersServicer(database),
            DevicesServicer(database),
            PrivacyServicer(database, self._parts.blobs, self._choices.grace),
            PlatformsServicer(database, sealer, Directory.of(self._parts.platforms, self._choices.platforms)),
            MailboxServicer(database, is_on=self._choices.has_mailbox),
        )

    def _organizations(self) -> tuple[object, ...]:
        database, sealer = self._parts.database, self._parts.sealer
        return (
            OrganizationsServicer(database),
            MembersServicer(database),
            InvitationsServicer(database),
            RolesServicer(database),
            TenantsServicer(database, sealer, self._choices.issuer),
        )

    def _apps(self) -> tuple[object, ...]:
        database, sealer, passwords = self._parts.database, self._parts.sealer, self._parts.passwords
        return (
            ApiTokensServicer(database),
            ApiKeysServicer(database, sealer),
            CredentialsServicer(database, sealer, self._uses),
            OAuthServicer(database, passwords, self._authenticator, sealer, self._app_tokens),
            OAuthClientsServicer(database),
            AuthorizedAppsServicer(database),
        )
