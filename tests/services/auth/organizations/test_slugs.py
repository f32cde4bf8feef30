"""An organization's name as a part of a URL."""

import pytest

from services.auth.organizations.operations import slug_of


@pytest.mark.parametrize(
    ("named", "slug"),
    [
        ("Company Name", "company-name"),
        ("  Söhne & Töchter  ", "sohne-tochter"),
        ("ada_lovelace", "ada-lovelace"),
        ("--", "organization"),
        ("株式会社", "organization"),
        ("x" * 200, "x" * 80),
    ],
)
def test_a_slug_is_lower_case_letters_digits_and_single_hyphens(named: str, slug: str) -> None:
    assert slug_of(named) == slug
