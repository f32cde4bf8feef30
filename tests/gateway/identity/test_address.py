"""Whose word about the caller's address counts."""

import pytest

from gateway.identity import Proxies

TRUSTED = "10.0.0.0/8, 192.168.1.1/32, fd00::/8"
CASES = {
    "no proxy, no header": ("203.0.113.9", b"", "203.0.113.9"),
    "a stranger's header is not believed": ("203.0.113.9", b"198.51.100.1", "203.0.113.9"),
    "a proxy's is": ("10.1.2.3", b"198.51.100.1", "198.51.100.1"),
    "the right-most stranger": ("10.1.2.3", b"1.1.1.1, 198.51.100.1", "198.51.100.1"),
    "through two proxies": ("10.1.2.3", b"198.51.100.1, 192.168.1.1", "198.51.100.1"),
    "what the caller invented": ("10.1.2.3", b"10.9.9.9, 198.51.100.1, 10.0.0.7", "198.51.100.1"),
    "proxies all the way": ("10.1.2.3", b"10.9.9.9", "10.9.9.9"),
    "a proxy without a header": ("10.1.2.3", b"", "10.1.2.3"),
    "junk ends the walk": ("10.1.2.3", b"198.51.100.1, unknown", "10.1.2.3"),
    "an empty entry ends it": ("10.1.2.3", b"198.51.100.1,", "10.1.2.3"),
    "with a port": ("10.1.2.3", b"198.51.100.1:4711", "198.51.100.1"),
    "IPv6": ("fd00::1", b"2001:db8::7", "2001:db8::7"),
    "IPv6 in brackets with a port": ("fd00::1", b"[2001:DB8::7]:443", "2001:db8::7"),
    "IPv6 with a zone": ("fe80::1%eth0", b"", "fe80::1"),
    "IPv4 in IPv6": ("::ffff:10.1.2.3", b"::ffff:198.51.100.1", "198.51.100.1"),
    "no text but bytes": ("10.1.2.3", b"\xff\xfe", "10.1.2.3"),
    "no peer (a unix socket)": ("", b"198.51.100.1", ""),
    "a thousand hops": ("10.1.2.3", b"198.51.100.1" + b", 10.0.0.1" * 1000, "10.0.0.1"),
}


@pytest.mark.parametrize(("peer", "forwarded", "expected"), CASES.values(), ids=CASES.keys())
def test_the_callers_address(peer: str, forwarded: bytes, expected: str) -> None:
    proxies = Proxies(TRUSTED)

    assert proxies.address(peer, forwarded) == expected


def test_without_proxies_nobody_is_believed() -> None:
    assert Proxies("").address("127.0.0.1", b"198.51.100.1") == "127.0.0.1"


def test_a_network_that_is_none_stops_the_start() -> None:
    with pytest.raises(ValueError, match=r"10\.0\.0\.1/8"):
        Proxies("10.0.0.1/8")


@pytest.mark.parametrize(
    ("address", "is_inside"),
    [("127.0.0.1", True), ("::1", True), ("10.1.2.3", True), ("fd00::9", True), ("203.0.113.9", False), ("", False)],
)
def test_who_may_look_behind_the_scenes(address: str, is_inside: bool) -> None:
    assert Proxies(TRUSTED).is_inside(address) is is_inside
