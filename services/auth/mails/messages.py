"""Rendered letters as messages of RFC 5322."""

import re
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from uuid import UUID

import idna

from services.auth.mails.errors import AddressUnusable
from services.auth.mails.rendering import Rendered

LOCAL = re.compile(r"[^\s\x00-\x1f\x7f<>@\"\\()]{1,64}")


def message(mail_id: UUID, recipient: str, sender: Address, written: Rendered, posted_at: datetime) -> EmailMessage:
    """The same mail gives the same message, Message-ID and all: a server that gets it twice can tell.

    Raises AddressUnusable.
    """
    made = EmailMessage(policy=SMTP)
    made["From"], made["To"] = sender, address(recipient)
    made["Subject"] = written.subject
    made["Date"] = format_datetime(posted_at)
    made["Message-ID"] = f"<{mail_id}@{sender.domain}>"
    made["Auto-Submitted"] = "auto-generated"  # RFC 3834: no answer of a machine, please
    made["X-Auto-Response-Suppress"] = "All"
    made.set_content(written.text)
    made.add_alternative(written.html, subtype="html")
    return made


def address(spelled: str) -> Address:
    """An address whose domain servers look up in ASCII (RFC 5891); raises AddressUnusable."""
    local, _, domain = spelled.rpartition("@")
    try:
        found = idna.encode(domain, uts46=True).decode()
    except idna.IDNAError:
        raise AddressUnusable from None
    if not LOCAL.fullmatch(local):
        raise AddressUnusable
    return Address(username=local, domain=found)
