"""Where an API key may be used from."""

import pytest
from orrery.auth.v1.api_keys_pb2 import ApiRateLimit
from orrery.auth.v1.credentials_pb2 import Identified, Names

from gateway.identity.refusals import AddressRefused, HttpsRequired, OriginRefused
from gateway.identity.terms import terms_of

PAGE = b"https://app.example.com"


def limited(
    *networks: list[str], origins: tuple[list[str], ...] = (), page_origins: tuple[str, ...] = ()
) -> Identified:
    return Identified(
        networks=[Names(names=one) for one in networks],
        origins=[Names(names=one) for one in origins],
        page_origins=page_origins,
    )


def test_a_key_without_limits_has_no_terms() -> None:
    assert terms_of(Identified()) is None
    assert terms_of(Identified(rate_limit=ApiRateLimit(requests_per_day=1))) is not None
    assert terms_of(Identified(require_signature=True)) is not None


@pytest.mark.parametrize(
    ("networks", "address", "is_in"),
    [
        ([["203.0.113.0/24"]], "203.0.113.9", True),
        ([["203.0.113.0/24"]], "203.0.114.9", False),
        ([["203.0.113.9/32", "2001:db8::/32"]], "2001:db8::1", True),
        ([["203.0.113.9/32"]], "2001:db8::1", False),
        ([["::ffff:203.0.113.0/120"]], "203.0.113.9", False),
        ([["0.0.0.0/0"]], "203.0.113.9", True),
        ([["203.0.113.0/24"]], "", False),
        ([["203.0.113.0/24"], ["203.0.113.128/25"]], "203.0.113.9", False),
        ([["203.0.113.0/24"], ["203.0.113.0/25"]], "203.0.113.9", True),
    ],
)
def test_each_list_of_networks_must_hold_the_address(networks: list[list[str]], address: str, is_in: bool) -> None:
    terms = terms_of(limited(*networks))
    assert terms

    if is_in:
        terms.ensure_place(address, b"", is_secure=False)
    else:
        with pytest.raises(AddressRefused):
            terms.ensure_place(address, b"", is_secure=False)


@pytest.mark.parametrize(
    ("origin", "is_allowed"),
    [
        (PAGE, True),
        (b"HTTPS://App.Example.com", True),
        (b"", False),
        (b"null", False),
        (b"http://app.example.com", False),
        (b"https://app.example.com:8443", False),
        (b"https://app.example.com.evil.test", False),
        (b"https://evil.test/https://app.example.com", False),
        (b"https://app.example.com,https://evil.test", False),
        (b"https://sub.app.example.com", False),
    ],
)
def test_an_origin_is_one_of_the_list_to_the_letter(origin: bytes, is_allowed: bool) -> None:
    terms = terms_of(limited(origins=([PAGE.decode()],)))
    assert terms

    if is_allowed:
        terms.ensure_place("203.0.113.9", origin, is_secure=True)
    else:
        with pytest.raises(OriginRefused):
            terms.ensure_place("203.0.113.9", origin, is_secure=True)


def test_an_organizations_origins_hold_for_pages_and_not_for_programs() -> None:
    terms = terms_of(limited(page_origins=(PAGE.decode(),)))
    assert terms

    terms.ensure_place("203.0.113.9", b"", is_secure=True)
    terms.ensure_place("203.0.113.9", PAGE, is_secure=True)
    with pytest.raises(OriginRefused):
        terms.ensure_place("203.0.113.9", b"https://evil.test", is_secure=True)


def test_an_organization_may_ask_for_https() -> None:
    terms = terms_of(Identified(require_https=True))
    assert terms

    terms.ensure_place("203.0.113.9", b"", is_secure=True)
    with pytest.raises(HttpsRequired):
        terms.ensure_place("203.0.113.9", b"", is_secure=False)
