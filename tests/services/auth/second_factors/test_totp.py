"""Codes of authenticator apps, against the vectors of RFC 6238 and another implementation."""

from datetime import UTC, datetime, timedelta
from urllib.parse import unquote
from xml.etree import ElementTree as ET

import pyotp
import pytest

from services.auth.second_factors import totp

RFC_SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"  # "12345678901234567890" in base32
VECTORS = [  # RFC 6238, appendix B, SHA-1; of eight digits the last six
    (59, "94287082"),
    (1111111109, "07081804"),
    (1111111111, "14050471"),
    (1234567890, "89005924"),
    (2000000000, "69279037"),
    (20000000000, "65353130"),
]


@pytest.mark.parametrize(("seconds", "code"), VECTORS)
def test_the_vectors_of_the_rfc(seconds: int, code: str) -> None:
    assert totp.matching_step(RFC_SECRET, code[-6:], datetime.fromtimestamp(seconds, UTC)) == seconds // 30


@pytest.mark.parametrize(("steps", "is_taken"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
def test_a_code_may_be_one_step_early_or_late(steps: int, is_taken: bool) -> None:
    moment, secret = datetime.now(UTC), "JBSWY3DPEHPK3PXP" * 2
    shown = pyotp.TOTP(secret).at(moment + timedelta(seconds=30 * steps))

    assert (totp.matching_step(secret, shown, moment) is not None) is is_taken


@pytest.mark.parametrize("code", ["", "12345", "1234567", "\uff11" * 6, "\u0661" * 6, "a" * 65_536, "\0" * 6])
def test_what_is_no_code_matches_nothing(code: str) -> None:
    assert totp.matching_step(RFC_SECRET, code, datetime.now(UTC)) is None


def test_a_secret_has_160_bits_and_is_new_each_time() -> None:
    made = {totp.make_secret() for _ in range(50)}

    assert len(made) == 50
    assert {len(pyotp.TOTP(one).byte_secret()) for one in made} == {20}


def test_apps_read_the_uri() -> None:
    read = pyotp.parse_uri(totp.uri(RFC_SECRET, "ada & co", "Orrery: test"))

    assert isinstance(read, pyotp.TOTP)
    assert (read.secret, read.name, read.issuer) == (RFC_SECRET, "ada & co", "Orrery: test")
    assert (read.digits, read.interval, read.digest().name) == (6, 30, "sha1")


def test_the_picture_is_an_svg_that_can_stand_in_a_page() -> None:
    kind, _, drawn = totp.picture(totp.uri(RFC_SECRET, "a" * 100, "Orrery")).partition(",")

    assert kind.startswith("data:image/svg+xml")
    assert ET.fromstring(unquote(drawn)).tag.endswith("svg")  # noqa: S314  # our own
