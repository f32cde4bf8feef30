"""What an organization may be founded with."""

import re

from libs.errors import Violation
from services.auth.fields import name_violations, refuse
from services.auth.organizations.operations import Charter

LABEL = r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"
DOMAIN = re.compile(rf"({LABEL}\.)+[a-z]{{2,63}}")
LONGEST_DOMAIN = 253
LONGEST_NAME = 200


def charter(founder: str, name: str | None, domain: str | None) -> Charter:
    """A tenant's charter, or a personal one named like its founder where neither is given; raises Invalid."""
    lowered = domain.lower() if domain is not None else None
    refuse(*name_violations("tenant_name", name, LONGEST_NAME), *domain_violations(lowered))
    return Charter(name or lowered or founder, lowered, is_personal=name is None and lowered is None)


def domain_violations(domain: str | None) -> tuple[Violation, ...]:
    if domain is None or (len(domain) <= LONGEST_DOMAIN and DOMAIN.fullmatch(domain)):
        return ()
    return (Violation("tenant_domain", "This must be a domain name.", "invalid_format"),)
