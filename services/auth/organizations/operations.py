"""What can be done with organizations."""

import re
import secrets
import unicodedata
from dataclasses import dataclass
from uuid import UUID

from libs.database import Session
from services.auth.organizations.errors import DomainTaken
from services.auth.organizations.models import Role
from services.auth.organizations.repository import Organizations

LONGEST_SLUG = 80  # leaves room for what makes it unique
UNNAMED = "organization"


@dataclass(frozen=True, slots=True)
class Charter:
    """What an organization is founded with; the domain in lower case."""

    name: str
    domain: str | None = None
    is_personal: bool = False


async def found(session: Session, charter: Charter, founder: int) -> UUID:
    """Make an organization; its founder (a user_id) is its first ADMIN. Raises DomainTaken."""
    organizations = Organizations(session)
    slug, made = slug_of(charter.name), None
    while made is None:
        made = await organizations.add(charter.name, slug, charter.domain, is_personal=charter.is_personal)
        slug = f"{slug_of(charter.name)}-{secrets.token_hex(4)}"
    await organizations.add_member(made, founder, Role.ADMIN)
    return made


async def ensure_free(session: Session, charter: Charter) -> None:
    """Raise DomainTaken early; two that found it at the same time are told apart by the index."""
    if charter.domain and await Organizations(session).has_domain(charter.domain):
        raise DomainTaken


def slug_of(name: str) -> str:
    """The name as a part of a URL: a-z, 0-9 and single hyphens."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain)[:LONGEST_SLUG].strip("-") or UNNAMED
