"""What an organization may be founded with, and what may be changed of it."""

import re

from orrery.auth.v1 import organizations_pb2 as pb

from libs.errors import Violation
from services.auth.fields import given, name_violations, refuse
from services.auth.organizations.models import Status
from services.auth.organizations.operations import Charter, Values

LABEL = r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"
DOMAIN = re.compile(rf"({LABEL}\.)+[a-z]{{2,63}}")
SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
SHORTEST_SLUG, LONGEST_SLUG = 3, 100
LONGEST_DOMAIN = 253
LONGEST_NAME = 200
PLANS = ("free", "starter", "professional", "enterprise")
STATUSES = (Status.ACTIVE, Status.SUSPENDED)


def charter(founder: str, name: str | None, domain: str | None) -> Charter:
    """A tenant's charter, or a personal one named like its founder where neither is given; raises Invalid."""
    lowered = domain.lower() if domain is not None else None
    refuse(*name_violations("tenant_name", name, LONGEST_NAME), *domain_violations(lowered))
    return Charter(name or lowered or founder, lowered, is_personal=name is None and lowered is None)


def new(request: pb.CreateOrganizationRequest) -> Charter:
    """The charter of one more organization; raises Invalid."""
    domain, slug = given(request, "domain"), given(request, "slug")
    lowered = domain.lower() if domain is not None else None
    refuse(
        *name_violations("name", request.name, LONGEST_NAME),
        *domain_violations(lowered, "domain"),
        *slug_violations(slug),
    )
    return Charter(request.name, lowered, slug=slug)


def changes(request: pb.UpdateOrganizationRequest) -> Values:
    """What a request changes, by the column's name; raises Invalid."""
    sent = {name: given(request, name) for name in ("name", "slug", "domain", "status", "plan")}
    values: Values = {name: value for name, value in sent.items() if value is not None}
    if "domain" in values:
        values["domain"] = values["domain"].lower() or None
    refuse(
        *name_violations("name", values.get("name"), LONGEST_NAME),
        *slug_violations(values.get("slug")),
        *domain_violations(values.get("domain"), "domain"),
        *choice_violations("status", values.get("status"), STATUSES),
        *choice_violations("plan", values.get("plan"), PLANS),
    )
    return values


def domain_violations(domain: str | None, field: str = "tenant_domain") -> tuple[Violation, ...]:
    if domain is None or (len(domain) <= LONGEST_DOMAIN and DOMAIN.fullmatch(domain)):
        return ()
    return (Violation(field, "This must be a domain name.", "invalid_format"),)


def slug_violations(slug: str | None) -> tuple[Violation, ...]:
    if slug is None or (SHORTEST_SLUG <= len(slug) <= LONGEST_SLUG and SLUG.fullmatch(slug)):
        return ()
    return (Violation("slug", "This must be 3 to 100 of a-z, 0-9 and single hyphens.", "invalid_format"),)


def choice_violations(field: str, value: str | None, choices: tuple[str, ...]) -> tuple[Violation, ...]:
    if value is None or value in choices:
        return ()
    return (Violation(field, f"This must be one of {', '.join(choices)}.", "invalid"),)
