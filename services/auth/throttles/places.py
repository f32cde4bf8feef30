"""Addresses as places: one machine's, and the network that one person can have many addresses of."""

from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_network

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network
PLACE_BITS = {4: 32, 6: 64}
NETWORK_BITS = {4: 24, 6: 56}


def place(address: Address | None) -> Network | None:
    """The address itself; of IPv6, whose machines change theirs by the hour, its /64."""
    return within(address, PLACE_BITS)


def network(address: Address | None) -> Network | None:
    """What one customer of a provider may hold: the /24 of IPv4, the /56 of IPv6."""
    return within(address, NETWORK_BITS)


def share(address: Address | None) -> str:
    """Whose part of a queue it takes: the network's; nobody's where no address is known."""
    return str(network(address) or "")


def within(address: Address | None, bits: dict[int, int]) -> Network | None:
    if address is None:
        return None
    plain = getattr(address, "ipv4_mapped", None) or address
    return ip_network((plain, bits[plain.version]), strict=False)
