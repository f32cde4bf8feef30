"""Where a call comes from."""

from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from orrery.identity.v1.identity_pb2 import Identity

LONGEST_AGENT = 512


@dataclass(frozen=True, slots=True)
class Client:
    """A network address and a User-Agent, as the gateway saw them. Two of these that are equal may be one client."""

    address: IPv4Address | IPv6Address | None
    user_agent: str
    is_secure: bool = False  # by HTTPS

    @classmethod
    def of(cls, identity: Identity) -> "Client":
        return cls(parsed(identity.address), identity.user_agent.replace("\0", "")[:LONGEST_AGENT], identity.is_secure)

    @property
    def spelled(self) -> str:
        """The address as text; empty where none is known."""
        return str(self.address or "")

    def is_within(self, networks: Iterable[str]) -> bool:
        """Whether the address is in one of them (CIDR notation); an unknown one is in none."""
        return self.address is not None and any(self.address in ip_network(one) for one in networks)


def parsed(text: str) -> IPv4Address | IPv6Address | None:
    try:
        return ip_address(text)
    except ValueError:
        return None
