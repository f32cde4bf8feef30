"""Addresses as places and networks."""

from ipaddress import ip_address

import pytest

from services.auth.throttles.limits import LIMITS, Scope
from services.auth.throttles.places import network, place, share


@pytest.mark.parametrize(
    ("address", "at", "within"),
    [
        ("198.51.100.7", "198.51.100.7/32", "198.51.100.0/24"),
        ("::ffff:198.51.100.7", "198.51.100.7/32", "198.51.100.0/24"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64", "2001:db8:1::/56"),
        ("2001:db8:1:ff:3:4:5:6", "2001:db8:1:ff::/64", "2001:db8:1::/56"),
    ],
)
def test_what_one_customer_may_hold_is_one_network(address: str, at: str, within: str) -> None:
    found = ip_address(address)

    assert (str(place(found)), str(network(found)), share(found)) == (at, within, within)


def test_without_an_address_there_is_no_place() -> None:
    assert (place(None), network(None), share(None)) == (None, None, "")


def test_each_scope_has_its_own_letter() -> None:
    assert len({scope[0] for scope in Scope}) == len(Scope)


def test_a_day_of_guesses_from_everywhere_stays_below_what_nist_allows() -> None:
    limit = LIMITS[Scope.ACCOUNT]
    waits, made = 0.0, limit.free
    while waits < 86_400:
        waits += min(limit.slowest_seconds, 2.0 ** (made - limit.free))
        made += 1

    assert made < 100
