"""How an account is named that an issuer tells of."""

import re
import secrets
import unicodedata
from hashlib import sha256

from services.auth.accounts.rules import LONGEST_NAME, email_violations, normal_email
from services.auth.fields import name_violations
from services.auth.sso.provider import SsoProviderSettings
from services.auth.sso.tokens import Person

SHORTEST, LONGEST = 3, 90  # leaves room for what makes a username unique
UNNAMED = "user"
NOWHERE = "sso.invalid"  # a domain that no mail can be sent to (RFC 2606)


def address(said: Person) -> str | None:
    """The e-mail address in normal form; None where the issuer gave none that is one."""
    email = normal_email(said.email or "")
    return email if "\0" not in email and not any(email_violations(email)) else None


def stand_in(provider: SsoProviderSettings, subject: str) -> str:
    """An address for somebody whose issuer tells none; nothing can be sent there."""
    return f"{sha256(subject.encode()).hexdigest()[:32]}@{provider.name}.{NOWHERE}"


def is_welcome(provider: SsoProviderSettings, said: Person) -> bool:
    """Whether the address is of a domain that may come in."""
    if not provider.allowed_domains:
        return True
    found = address(said) if said.has_verified_email else None
    return found is not None and found.rpartition("@")[2] in {one.lower() for one in provider.allowed_domains}


def usernames(said: Person, tries: int) -> list[str]:
    """Usernames to try: as the issuer has it as far as our letters go, then with something random."""
    wished = said.preferred_username or (said.email or "").partition("@")[0] or said.name or UNNAMED
    plain = unicodedata.normalize("NFKD", wished).encode("ascii", "ignore").decode()
    kept = re.sub(r"[^A-Za-z0-9]+", "_", plain)[:LONGEST].strip("_")
    first = kept if len(kept) >= SHORTEST else f"{UNNAMED}_{kept}".rstrip("_")
    return [first, *(f"{first}_{secrets.token_hex(3)}" for _ in range(tries - 1))]


def display_name(said: Person) -> str | None:
    """The name that the issuer has, where it can be shown."""
    return said.name if said.name and not any(name_violations("name", said.name, LONGEST_NAME)) else None
