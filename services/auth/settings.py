"""The environment of auth and of auth-worker."""

from datetime import timedelta
from email.headerregistry import Address
from email.utils import parseaddr
from typing import Annotated, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, FilePath, SecretStr, model_validator

from libs.settings import (
    BlobSettings,
    DatabaseSettings,
    KafkaSettings,
    ProcessSettings,
    RpcSettings,
    Settings,
    TelemetrySettings,
    TlsSettings,
)
from libs.settings.stores import Frozen
from services.auth.composition import Choices
from services.auth.passkeys.party import RelyingParty
from services.auth.platforms.settings import PlatformSettings
from services.auth.sealing.settings import KeySettings
from services.auth.sessions.repository import Lifetimes
from services.auth.sso.provider import SsoSettings


class TokenSettings(Frozen):
    """What access tokens say of their origin and use."""

    issuer: str = Field(min_length=1, description="The public URL of this deployment.")
    audience: str = Field(min_length=1)


class PasswordSettings(Frozen):
    """Which passwords are taken, and how many are hashed at once."""

    refuse_common: bool = Field(default=False, description="Refuse those that everybody tries first.")
    workers: int = Field(default=0, ge=0, le=64, description="Hashes at a time, 46 MiB each; 0: one for each core.")


def http_url(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme not in ("http", "https") or not parts.netloc or parts.query or parts.fragment:
        raise ValueError("a URL is http://host or https://host")
    return text.rstrip("/")


def mail_server(secret: SecretStr) -> SecretStr:
    parts = urlsplit(secret.get_secret_value())
    if parts.scheme not in ("smtp", "smtps", "smtp+plain") or not parts.hostname:
        raise ValueError("a mail server is smtp://user:password@host:587 (STARTTLS), smtps:// or smtp+plain://")
    if parts.scheme == "smtp+plain" and parts.username:
        raise ValueError("smtp+plain:// is for a relay without a password: it would be sent in the clear")
    return secret


def mail_sender(text: str) -> str:
    _, spec = parseaddr(text)
    if "@" not in spec or not text.isprintable():
        raise ValueError("a sender is an address, or Name <address>")
    return text


# Named outside of the class, where a field of the same name would stand before its own validator.
WebUrl = Annotated[str, AfterValidator(http_url)]
SmtpUrl = Annotated[SecretStr, AfterValidator(mail_server)]
Sender = Annotated[str, AfterValidator(mail_sender)]


class MailboxSettings(Frozen):
    """Whether mails are kept where everybody reads them."""

    mailbox: bool = Field(default=False, description="Show mails at /dev/mail instead of sending them; development.")


class MailSettings(MailboxSettings):
    """How mails are sent: by a server, or not at all."""

    smtp_url: SmtpUrl | None = None
    sender: Sender = "Orrery <no-reply@localhost>"
    app_url: WebUrl = Field(description="Where people reach the app; links begin so.")

    @model_validator(mode="after")
    def one_way(self) -> Self:
        if self.mailbox == bool(self.smtp_url):
            raise ValueError("set either SMTP_URL, which sends mails, or MAILBOX=true, which shows them to everybody")
        return self

    @property
    def sender_address(self) -> Address:
        """The sender's name and address."""
        name, spec = parseaddr(self.sender)
        return Address(display_name=name, addr_spec=spec)


class PasskeySettings(Frozen):
    """For which site passkeys are made; by the issuer's URL where nothing is said."""

    rp_id: str = Field(default="", max_length=253, description="The domain that they are for.")
    rp_name: str = Field(default="Orrery", min_length=1, max_length=64, description="What devices call the site.")
    origins: str = Field(default="", description="Origins whose pages may ask for them, comma-separated.")


class SecondFactorSettings(Frozen):
    """What people see of us in their authenticator apps."""

    issuer: str = Field(default="Orrery", min_length=1, max_length=64, pattern="^[^:]+$")


class SessionSettings(Frozen):
    """How long people stay signed in; organizations ask for less by their own settings."""

    longest_days: float = Field(default=30.0, gt=0, le=365, description="Then a session ends however much it is used.")

    @property
    def lifetimes(self) -> Lifetimes:
        return Lifetimes(longest=timedelta(days=self.longest_days))


class PrivacySettings(Frozen):
    """How long the end of an account can be taken back."""

    grace_days: float = Field(default=7.0, ge=0, le=90)

    @property
    def grace(self) -> timedelta:
        return timedelta(days=self.grace_days)


class SourceSettings(Frozen):
    """Where other services that keep data of people are, host:port each."""

    media: str
    audit: str


class IdentitySettings(Frozen):
    """The key by which auth asks other services in its own name."""

    key: FilePath = Field(description="File of an Ed25519 private key (PEM).")


class AuthSettings(Settings):
    database: DatabaseSettings
    blobs: BlobSettings
    privacy: PrivacySettings = PrivacySettings()
    kafka: KafkaSettings
    rpc: RpcSettings
    keys: KeySettings
    tokens: TokenSettings
    passwords: PasswordSettings = PasswordSettings()
    sessions: SessionSettings = SessionSettings()
    second_factors: SecondFactorSettings = SecondFactorSettings()
    mail: MailboxSettings = MailboxSettings()
    passkeys: PasskeySettings = PasskeySettings()
    platforms: PlatformSettings = PlatformSettings()
    sso: SsoSettings = SsoSettings()
    process: ProcessSettings = ProcessSettings()
    telemetry: TelemetrySettings = TelemetrySettings()

    @property
    def choices(self) -> Choices:
        """What auth is made with."""
        asked, issuer = self.passkeys, self.tokens.issuer
        return Choices(
            issuer=issuer,
            audience=self.tokens.audience,
            party=RelyingParty.of(issuer, name=asked.rp_name, id=asked.rp_id, origins=asked.origins),
            sso=self.sso,
            platforms=self.platforms,
            lifetimes=self.sessions.lifetimes,
            grace=self.privacy.grace,
            refuse_frequent=self.passwords.refuse_common,
            has_mailbox=self.mail.mailbox,
            otp_issuer=self.second_factors.issuer,
        )


class AuthWorkerSettings(Settings):
    database: DatabaseSettings
    blobs: BlobSettings
    mail: MailSettings
    services: SourceSettings
    identity: IdentitySettings
    rpc: TlsSettings = TlsSettings()
    process: ProcessSettings = ProcessSettings()
    telemetry: TelemetrySettings = TelemetrySettings()
