"""What an API key is limited to beside its grants: places, rates, signatures."""

from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network

from orrery.auth.v1.api_keys_pb2 import ApiRateLimit
from orrery.auth.v1.credentials_pb2 import Identified

from gateway.identity.refusals import AddressRefused, HttpsRequired, OriginRefused
from gateway.limits.rates import Rate

Networks = tuple[IPv4Network | IPv6Network, ...]
SECONDS = {"requests_per_second": 1, "requests_per_minute": 60, "requests_per_hour": 3600, "requests_per_day": 86400}


@dataclass(frozen=True, slots=True)
class Terms:
    """Of each list of networks and of origins one must fit: the key's own and its organization's are two lists."""

    networks: tuple[Networks, ...]
    origins: tuple[frozenset[bytes], ...]  # an Origin is asked for
    page_origins: frozenset[bytes]  # all where empty; a request without an Origin is none of a page's
    rates: tuple[Rate, ...]  # the smallest bucket first
    secret: bytes  # what requests are signed with; empty for none
    requires_signature: bool
    requires_https: bool = False

    def ensure_place(self, address: str, origin: bytes, *, is_secure: bool) -> None:
        """Raise AddressRefused, OriginRefused or HttpsRequired where a request comes in another way."""
        if self.requires_https and not is_secure:
            raise HttpsRequired
        for networks in self.networks:
            if not address or not any(ip_address(address) in one for one in networks):
                raise AddressRefused
        for origins in self.origins:
            if origin.lower() not in origins:
                raise OriginRefused
        if origin and self.page_origins and origin.lower() not in self.page_origins:
            raise OriginRefused


def terms_of(answer: Identified) -> Terms | None:
    """None where it is limited to nothing."""
    made = Terms(
        tuple(tuple(ip_network(one, strict=False) for one in listed.names) for listed in answer.networks),
        tuple(spelled(listed.names) for listed in answer.origins),
        spelled(answer.page_origins),
        rates_of(answer.rate_limit),
        answer.signing_secret.encode(),
        answer.require_signature,
        answer.require_https,
    )
    return made if made != UNLIMITED else None


UNLIMITED = Terms((), (), frozenset(), (), b"", False)


def spelled(origins: Iterable[str]) -> frozenset[bytes]:
    return frozenset(one.lower().encode() for one in origins)


def rates_of(limits: ApiRateLimit) -> tuple[Rate, ...]:
    """A bucket for each rate that is named; a burst is the size of the one that is filled every second."""
    made = [Rate(limit, seconds) for name, seconds in SECONDS.items() if (limit := getattr(limits, name))]
    if limits.burst_limit and limits.requests_per_second:
        made[0] = Rate(limits.burst_limit, limits.burst_limit / limits.requests_per_second)
    return tuple(sorted(made, key=lambda rate: rate.limit))
