"""Handing mails to a server (SMTP) or to the development mailbox."""

from collections.abc import Mapping
from dataclasses import dataclass
from email.headerregistry import Address
from typing import Any, Protocol
from urllib.parse import unquote, urlsplit

import aiosmtplib
from aiosmtplib import SMTPException, SMTPResponseException

from services.auth.mails.errors import MailRefused
from services.auth.mails.letters import Letter
from services.auth.mails.messages import message
from services.auth.mails.models import Mail, State
from services.auth.mails.rendering import Rendered, render

PATIENCE_SECONDS = 30.0
NEVER = range(500, 600)
# How each scheme of the setting secures a connection.
SECURITY: Mapping[str, Mapping[str, Any]] = {
    "smtps": {"use_tls": True},
    "smtp": {"start_tls": True},
    "smtp+plain": {"start_tls": False},
}
PORTS = {"smtps": 465, "smtp": 587, "smtp+plain": 25}


class ServerAway(ConnectionError):
    """The mail server does not answer, or cannot take mails now."""


class Carrier(Protocol):
    """Where mails go."""

    async def carry(self, mail: Mail) -> tuple[State, Mapping[str, str] | None]:
        """What became of it, and what is kept of it. Raises ServerAway for now, MailRefused for ever."""
        ...


@dataclass(frozen=True, slots=True)
class Mailbox:
    """Keeps mails where developers and tests read them."""

    app_url: str

    async def carry(self, mail: Mail) -> tuple[State, Mapping[str, str] | None]:
        return State.KEPT, written(mail, self.app_url).content()


@dataclass(frozen=True, slots=True)
class Smtp:
    """Sends mails by a server: `smtp://user:password@host:587`."""

    url: str
    sender: Address
    app_url: str

    async def carry(self, mail: Mail) -> tuple[State, Mapping[str, str] | None]:
        made = message(mail.id, mail.recipient, self.sender, written(mail, self.app_url), mail.created_at)
        try:
            await aiosmtplib.send(made, timeout=PATIENCE_SECONDS, **self.connection())
        except SMTPException as failure:
            raise meant(failure) from failure
        except OSError as away:
            raise ServerAway(str(away)) from away
        return State.SENT, None

    def connection(self) -> dict[str, Any]:
        """What aiosmtplib is told. A password is never sent in the clear: `smtp+plain` takes none."""
        url = urlsplit(self.url)
        user = {"username": unquote(url.username), "password": unquote(url.password or "")} if url.username else {}
        return {"hostname": url.hostname, "port": url.port or PORTS[url.scheme], **SECURITY[url.scheme], **user}


def written(mail: Mail, app_url: str) -> Rendered:
    return render(Letter(mail.recipient, mail.template, mail.language, mail.content or {}), app_url)


def meant(failure: SMTPException) -> Exception:
    """A 5xx answer is final; all else passes."""
    refusal = refused(failure)
    if refusal and refusal.code in NEVER and not isinstance(failure, aiosmtplib.SMTPAuthenticationError):
        return MailRefused(f"{refusal.code} {refusal.message}"[:500])
    return ServerAway(str(failure))


def refused(failure: SMTPException) -> SMTPResponseException | None:
    """What the server answered about the only recipient, where it answered."""
    if isinstance(failure, aiosmtplib.SMTPRecipientsRefused):
        return failure.recipients[0]
    return failure if isinstance(failure, SMTPResponseException) else None
