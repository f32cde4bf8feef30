"""What can be done with organizations."""

import json
import re
import secrets
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from orrery.auth.organizations.v1 import events_pb2 as events
from orrery.identity.v1.identity_pb2 import Identity

from libs import outbox
from libs.database import Session
from services.auth.organizations.errors import (
    ConfirmationMissing,
    DomainTaken,
    LocksYouOut,
    PersonalStays,
    SlugTaken,
    TooManyOrganizations,
)
from services.auth.organizations.models import Organization, Role, Status
from services.auth.organizations.repository import Organizations
from services.auth.organizations.settings import OrganizationSettings, merged
from services.auth.organizations.standing import Standing
from services.auth.sessions.client import parsed
from services.auth.sessions.invalidation import Kind, invalidate
from services.auth.versions import ensure_current

LONGEST_SLUG = 80  # leaves room for what makes it unique
UNNAMED = "organization"
MOST_OWNED = 100
CARRIED = {"ipWhitelist", "security"}  # settings that access tokens say
SETTINGS_CHANGED = "settings_changed"
Values = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Charter:
    """What an organization is founded with; the domain in lower case. A slug that is given is not made unique."""

    name: str
    domain: str | None = None
    is_personal: bool = False
    slug: str | None = None


async def found(session: Session, charter: Charter, founder: int) -> UUID:
    """Make an organization; its founder (a user_id) owns it and is its first ADMIN. Raises DomainTaken, SlugTaken."""
    organizations = Organizations(session)
    slug, made = charter.slug or slug_of(charter.name), None
    while made is None:
        made = await organizations.add(charter.name, slug, charter.domain, is_personal=charter.is_personal)
        if made is None and charter.slug:
            raise SlugTaken
        slug = f"{slug_of(charter.name)}-{secrets.token_hex(4)}"
    await organizations.add_member(made, founder, Role.ADMIN)
    return made


async def ensure_free(session: Session, charter: Charter) -> None:
    """Raise DomainTaken early; two that found it at the same time are told apart by the index."""
    if charter.domain and await Organizations(session).has_domain(charter.domain):
        raise DomainTaken


async def create(session: Session, caller: Identity, charter: Charter) -> Organization:
    """Found an organization besides those that the caller has. Raises SlugTaken, DomainTaken, TooManyOrganizations."""
    organizations = Organizations(session)
    if await organizations.count_owned(caller.user_id) >= MOST_OWNED:
        raise TooManyOrganizations(MOST_OWNED)
    made = await organizations.get(await found(session, charter, caller.user_id))
    told = events.OrganizationCreated(
        organization_id=str(made.id),
        name=made.name,
        slug=made.slug,
        owner_id=caller.user_id,
        is_personal=made.is_personal,
    )
    outbox.publish(session, told, key=str(made.id))
    return made


async def give_home(session: Session, user_id: int, username: str) -> None:
    """A personal organization for somebody who belongs to none any more: everybody has one to sign in for."""
    if await Organizations(session).is_homeless(user_id):
        await found(session, Charter(username, is_personal=True), user_id)


async def update(session: Session, standing: Standing, values: Values, seen: int | None) -> None:
    """Change name, slug, domain, status or plan; tells nobody where nothing changed.

    Raises VersionOutdated, PlatformAdminOnly, SlugTaken, DomainTaken.
    """
    organization = standing.organization
    ensure_current(seen, organization.version)
    if values.keys() & {"status", "plan"}:
        standing.ensure_platform_admin()
    before = {name: getattr(organization, name) for name in values}
    for name, value in values.items():
        setattr(organization, name, value)
    await Organizations(session).save(organization)
    if "status" in values and before["status"] != organization.status:
        tell_status(session, organization, before["status"])
    if changed := list(differences({**before, "status": None}, {**values, "status": None})):
        told = events.OrganizationUpdated(organization_id=standing.organization_id, changes=changed)
        outbox.publish(session, told, key=standing.organization_id)


def tell_status(session: Session, organization: Organization, previous: str) -> None:
    """Whatever acts for a suspended organization stops within a second; what it had works again when it is resumed."""
    key = str(organization.id)
    if organization.status == Status.SUSPENDED:
        outbox.publish(session, events.OrganizationSuspended(organization_id=key), key=key)
    else:
        outbox.publish(session, events.OrganizationResumed(organization_id=key, previous_status=previous), key=key)
    invalidate(session, Kind.ORGANIZATION, key, organization.status)


async def delete(session: Session, standing: Standing, confirm: str, seen: int | None) -> None:
    """End an organization; its domain is free again, its slug is not. Whoever has no other gets a personal one.

    Raises OwnerOnly, PersonalStays, VersionOutdated, ConfirmationMissing.
    """
    organization = standing.organization
    organizations = Organizations(session)
    standing.ensure_owner()
    if organization.is_personal:
        raise PersonalStays
    ensure_current(seen, organization.version)
    if confirm != organization.slug and await organizations.has_others(organization.id, standing.user_id):
        raise ConfirmationMissing
    told = events.OrganizationDeleted(
        organization_id=standing.organization_id, slug=organization.slug, domain=organization.domain or ""
    )
    organization.status, organization.domain = Status.DELETED, None
    await organizations.save(organization)
    for user_id, username in await organizations.homeless(organization.id):
        await found(session, Charter(username, is_personal=True), user_id)
    outbox.publish(session, told, key=standing.organization_id)
    invalidate(session, Kind.ORGANIZATION, organization.id, Status.DELETED)


async def change_settings(session: Session, standing: Standing, values: Values, seen: int | None) -> None:
    """Merge what is set into the settings; tells nobody where nothing changed.

    Raises VersionOutdated, and LocksYouOut where the caller's own address would not be let in.
    """
    organization = standing.organization
    ensure_current(seen, organization.version)
    before = OrganizationSettings.of(organization.settings).document
    organization.settings = merged(organization.settings, values)
    after = OrganizationSettings.of(organization.settings).document
    changed = list(differences(before, after))
    if not changed:
        return
    if "ipWhitelist" in values and not OrganizationSettings(after).admits(parsed(standing.identity.address)):
        raise LocksYouOut
    await Organizations(session).save(organization)
    told = events.SettingsUpdated(organization_id=standing.organization_id, changes=changed)
    outbox.publish(session, told, key=standing.organization_id)
    if {one.field for one in changed} & CARRIED:
        invalidate(session, Kind.ORGANIZATION, organization.id, SETTINGS_CHANGED)


def differences(before: Values, after: Values) -> Iterator[events.Change]:
    """Each field of the second that is another than in the first."""
    for name, value in after.items():
        if value != before[name]:
            yield events.Change(field=name, old=as_json(before[name]), new=as_json(value))


def as_json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=str)


def slug_of(name: str) -> str:
    """The name as a part of a URL: a-z, 0-9 and single hyphens."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain)[:LONGEST_SLUG].strip("-") or UNNAMED
