"""What an organization has set, and what holds where it has set nothing."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from ipaddress import IPv4Address, IPv6Address, ip_network
from typing import Any
from zoneinfo import available_timezones

import orjson
from orrery.auth.v1 import organizations_pb2 as pb
from orrery.types.v1.types_pb2 import RawJson

from libs.errors import Violation
from services.auth.fields import refuse
from services.auth.networks import network

MOST_NETWORKS, MOST_ORIGINS = 200, 100
WEEK_MINUTES = 7 * 24 * 60
DEFAULTS: Mapping[str, Any] = {
    "timezone": "UTC",
    "ipWhitelist": [],
    "dataRetention": {"logs": 90, "analytics": 365, "backups": 30},
    "security": {"requireHttps": False, "allowedOrigins": [], "sessionTimeout": WEEK_MINUTES, "openInvitations": False},
    "models": {},
}
ORIGIN = re.compile(r"https?://[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?(:[1-9][0-9]{0,4})?", re.ASCII)
Document = dict[str, Any]


@dataclass(frozen=True, slots=True)
class OrganizationSettings:
    """The settings of one organization, complete."""

    document: Document

    @classmethod
    def of(cls, stored: Mapping[str, Any]) -> "OrganizationSettings":
        """What is stored, with the defaults for the rest."""
        return cls(merged(DEFAULTS, stored))

    @property
    def session_timeout(self) -> int:
        """Minutes without use after which a session ends."""
        return int(self.document["security"]["sessionTimeout"])

    @property
    def open_invitations(self) -> bool:
        """Whoever holds an invitation's token may accept it, whatever their address."""
        return bool(self.document["security"]["openInvitations"])

    @property
    def requires_https(self) -> bool:
        return bool(self.document["security"]["requireHttps"])

    @property
    def allowed_origins(self) -> tuple[str, ...]:
        """Origins that browsers may call from; all where empty."""
        return tuple(self.document["security"]["allowedOrigins"])

    def admits(self, address: IPv4Address | IPv6Address | None) -> bool:
        """Whether the organization lets this address in; an unknown one only where all are."""
        networks = self.document["ipWhitelist"]
        return not networks or (address is not None and any(address in ip_network(one) for one in networks))

    def to_proto(self, version: int) -> pb.OrganizationSettings:
        found, security = self.document, self.document["security"]
        return pb.OrganizationSettings(
            timezone=found["timezone"],
            ip_whitelist=found["ipWhitelist"],
            data_retention=pb.DataRetention(**found["dataRetention"]),
            security=pb.Security(
                require_https=self.requires_https,
                allowed_origins=security["allowedOrigins"],
                session_timeout=self.session_timeout,
                open_invitations=self.open_invitations,
            ),
            models=pb.Models(**found["models"]),
            version=version,
        )


def merged(under: Mapping[str, Any], over: Mapping[str, Any]) -> Document:
    """Objects within objects are merged; all else is replaced."""
    nested = {
        name for name, value in over.items() if isinstance(value, Mapping) and isinstance(under.get(name), Mapping)
    }
    return {**under, **over, **{name: merged(under[name], over[name]) for name in nested}}


def changes(request: pb.UpdateSettingsRequest) -> Document:
    """What a request sets, in the stored form; raises Invalid."""
    broken: list[Violation] = []
    found: Document = {}
    if request.HasField("timezone"):
        broken += zone_violations(request.timezone)
        found["timezone"] = request.timezone
    if request.HasField("ip_whitelist"):
        found["ipWhitelist"] = networks(request.ip_whitelist, broken)
    if request.HasField("data_retention") and request.HasField("retention"):
        broken.append(Violation("retention", "Send dataRetention or retention, not both.", "ambiguous"))
    if days := sent(request.retention if request.HasField("retention") else request.data_retention):
        found["dataRetention"] = days
    if security := security_changes(request.security, broken):
        found["security"] = security
    if models := sent(request.models):
        found["models"] = models
    refuse(*broken)
    return found


def sent(message: pb.DataRetentionChange | pb.ModelsChange) -> Document:
    return {field.name: value for field, value in message.ListFields()}


def security_changes(message: pb.SecurityChange, broken: list[Violation]) -> Document:
    found: Document = {}
    for name, public in (
        ("require_https", "requireHttps"),
        ("session_timeout", "sessionTimeout"),
        ("open_invitations", "openInvitations"),
    ):
        if message.HasField(name):  # type: ignore[arg-type]  # its names are literals to the stubs
            found[public] = getattr(message, name)
    if message.HasField("allowed_origins"):
        found["allowedOrigins"] = origins(message.allowed_origins, broken)
    return found


def networks(raw: RawJson, broken: list[Violation]) -> list[str]:
    """Networks in their one spelling; what is none is reported."""
    found: list[str] = []
    for at, text in texts("ipWhitelist", raw, MOST_NETWORKS, broken):
        try:
            found.append(network(text))
        except ValueError:
            broken.append(Violation(at, "This must be an address or a network such as 192.0.2.0/24.", "invalid_format"))
    return list(dict.fromkeys(found))


def origins(raw: RawJson, broken: list[Violation]) -> list[str]:
    """Origins as browsers spell them; what is none is reported."""
    found: list[str] = []
    for at, text in texts("security.allowedOrigins", raw, MOST_ORIGINS, broken):
        if ORIGIN.fullmatch(text.lower()):
            found.append(text.lower())
        else:
            broken.append(Violation(at, "This must be an origin such as https://app.example.com.", "invalid_format"))
    return list(dict.fromkeys(found))


def texts(field: str, raw: RawJson, most: int, broken: list[Violation]) -> Iterator[tuple[str, str]]:
    """The place and text of each item of a list of texts; null is the empty list."""
    try:
        found = orjson.loads(raw.json)
    except orjson.JSONDecodeError:
        found = {}
    if found is None:
        return
    if not isinstance(found, list) or not all(isinstance(one, str) for one in found):
        broken.append(Violation(field, "This must be a list of texts.", "invalid_type"))
    elif len(found) > most:
        broken.append(Violation(field, f"This must have at most {most} items.", "too_long"))
    else:
        yield from ((f"{field}[{at}]", one) for at, one in enumerate(found))


def zone_violations(name: str) -> Iterator[Violation]:
    if name not in zones():
        yield Violation("timezone", "This must be a time zone of the IANA database, such as Asia/Tokyo.", "unknown")


@cache
def zones() -> frozenset[str]:
    return frozenset(available_timezones())
