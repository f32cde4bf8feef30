"""Where a call comes from."""

from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address

from orrery.identity.v1.identity_pb2 import Identity

LONGEST_AGENT = 512


@dataclass(frozen=True, slots=True)
class Client:
    """A network address and a User-Agent, as the gateway saw them. Two of these that are equal may be one client."""

    address: IPv4Address | IPv6Address | None
    user_agent: str

    @classmethod
    def of(cls, identity: Identity) -> "Client":
        return cls(parsed(identity.address), identity.user_agent.replace("\0", "")[:LONGEST_AGENT])

    @property
    def spelled(self) -> str:
        """The address as text; empty where none is known."""
        return str(self.address or "")


def parsed(text: str) -> IPv4Address | IPv6Address | None:
    try:
        return ip_address(text)
    except ValueError:
        return None
