"""How the networks are spelled that organizations and their keys may be used from."""

from ipaddress import IPv4Address, IPv4Network, IPv6Network, ip_network

BEFORE_IPV4 = 96  # bits of ::ffff:0:0/96, the IPv6 form of IPv4 addresses


def network(text: str) -> str:
    """A network in CIDR notation, or an address as the network of itself, in its one spelling; raises ValueError.

    Callers' addresses are known in their IPv4 form and without a zone: a network that is written otherwise would let
    nobody in, so the one is unwrapped and the other refused.
    """
    found = ip_network(text, strict=False)
    if isinstance(found, IPv6Network) and found.network_address.scope_id is not None:
        raise ValueError(f"{text!r} has a zone")
    return str(unwrapped(found))


def unwrapped(found: IPv4Network | IPv6Network) -> IPv4Network | IPv6Network:
    mapped = found.network_address.ipv4_mapped if isinstance(found, IPv6Network) else None
    if mapped is None or found.prefixlen < BEFORE_IPV4:
        return found
    return IPv4Network((IPv4Address(mapped), found.prefixlen - BEFORE_IPV4))
