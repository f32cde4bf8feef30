"""The caller's network address, as far as it can be believed."""

from functools import lru_cache
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

REMEMBERED = 8192
HOPS = 32  # more in one header is no route, it is an attack


class Proxies:
    """The networks whose `X-Forwarded-For` is believed.

    The right-most address that is not one of theirs called them: everything left of it is the caller's own invention.
    """

    def __init__(self, trusted: str = "") -> None:
        """`trusted`: networks in CIDR notation, comma-separated; raises ValueError for what is none."""
        self._networks = [ip_network(one.strip()) for one in trusted.split(",") if one.strip()]
        self.address = lru_cache(REMEMBERED)(self._address)
        self.is_secure = lru_cache(REMEMBERED)(self._is_secure)

    def trusts(self, address: str) -> bool:
        """Whether the address (as `address` spells it) is a configured proxy's."""
        return bool(address) and any(within(address, network) for network in self._networks)

    def is_inside(self, address: str) -> bool:
        """Whether the address is this machine's own or in a trusted network: who may look behind the scenes."""
        return self.trusts(address) or bool(address and ip_address(address).is_loopback)

    def _address(self, peer: str, forwarded: bytes) -> str:
        """The caller's address; `forwarded` holds all X-Forwarded-For headers, joined by commas in their order."""
        found = spelled(peer)
        for hop in reversed(forwarded.decode("latin-1").split(",")[-HOPS:]):
            if not self.trusts(found):
                break
            found = spelled(hop) or found
            if not spelled(hop):
                break
        return found

    def _is_secure(self, peer: str, protocols: bytes) -> bool:
        """Whether a trusted proxy says that it was HTTPS all the way; `protocols` holds all X-Forwarded-Proto."""
        said = [one.strip().lower() for one in protocols.split(b",")]
        return self.trusts(spelled(peer)) and all(one == b"https" for one in said)


def spelled(text: str) -> str:
    """The one spelling of an address, ports, brackets and zones taken off; empty where it is none."""
    text = text.strip()
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        found = ip_address(text.partition("%")[0])
    except ValueError:
        return ""
    mapped = found.ipv4_mapped if isinstance(found, IPv6Address) else None
    return str(mapped or found)


def within(address: str, network: IPv4Network | IPv6Network) -> bool:
    return ip_address(address) in network
