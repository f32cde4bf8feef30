"""The one form of an e-mail address."""

import unicodedata

import pytest

from libs.errors import Conflict
from services.auth.accounts.rules import normal_email
from tests.services.auth.house import House, name


@pytest.mark.parametrize(
    ("spelled", "form"),
    [
        ("Ada@Example.COM", "ada@example.com"),
        ("ada@BÜCHER.example", "ada@bücher.example"),
        ("ada@xn--bcher-kva.example", "ada@bücher.example"),
        ("ada@XN--BCHER-KVA.example", "ada@bücher.example"),
        (unicodedata.normalize("NFD", "josé@café.example"), "josé@café.example"),
        ("groß@straße.example", "groß@straße.example"),
        ("ada@xn--strae-oqa.example", "ada@straße.example"),
        ("ada+tag@example.com", "ada+tag@example.com"),
        ("a@xn--\u00e9.example", "a@xn--\u00e9.example"),
        ("no address", "no address"),
        ("xn--@xn--", "xn--@xn--"),
    ],
)
def test_what_reaches_one_mailbox_has_one_form(spelled: str, form: str) -> None:
    assert normal_email(spelled) == form
    assert normal_email(form) == form


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("ada@example.com", "\u0430da@example.com"),  # Cyrillic a
        ("ada@example.com", "ada@ex\u0430mple.com"),
        ("ada@example.com", "ada@example.co\u217f"),  # Roman numeral m
        ("ada@strasse.example", "ada@straße.example"),
        ("ss@example.com", "ß@example.com"),
        ("i@example.com", "\u0131@example.com"),  # without a dot
        ("ada@example.com", "\uff41da@example.com"),  # full width
    ],
)
def test_what_only_looks_alike_stays_another_address(one: str, other: str) -> None:
    assert normal_email(one) != normal_email(other)


async def test_an_encoded_domain_is_the_same_address(auth: House) -> None:
    local = name()
    await auth.register(email=f"{local}@bücher.example")

    with pytest.raises(Conflict):
        await auth.register(email=f"{local}@xn--bcher-kva.example")
    assert await auth.login(email=f"{local}@XN--bcher-kva.example")


async def test_a_look_alike_is_an_account_of_its_own(auth: House) -> None:
    local = name()
    one = await auth.register(email=f"{local}a@example.com")
    other = await auth.register(email=f"{local}\u0430@example.com")

    assert one.user.user_id != other.user.user_id
    assert (await auth.login(email=f"{local}a@example.com")).user.user_id == one.user.user_id
