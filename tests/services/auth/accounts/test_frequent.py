"""Passwords that everybody tries first are refused where the setting says so."""

from collections.abc import AsyncIterator

import pytest

from libs.errors import Invalid
from libs.settings import DatabaseSettings
from services.auth.accounts.frequent import frequent, is_frequent
from tests.services.auth.house import House, open_house


@pytest.fixture(scope="module")
async def careful(settings: DatabaseSettings, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[House]:
    async with open_house(settings, tmp_path_factory.mktemp("careful"), refuse_frequent=True) as house:
        yield house


@pytest.mark.parametrize(
    "password",
    [
        "password123",
        "Password123",
        "12345678",
        "Qwertyuiop!",
        "!!Sunshine1",
        "iloveyou",
        "p@ssw0rd",
        "P4$$w0rd!",
        "abcdefghij",
        "87654321",
        "zyxwvuts",
        "ababababab",
        "123123123",
        "xyzxyzxyz1",
        "dragondragon",
        "zzzzzzzzzz",
    ],
)
def test_frequent_words_are_known_with_their_usual_ornaments(password: str) -> None:
    assert is_frequent(password)


@pytest.mark.parametrize(
    "password",
    [
        "abcdefgz",
        "rivers rivers and stones",
        "Correct-horse7",
        "xk29fj2kd0",
        "password and a sentence behind it",
        "\uff11\uff12\uff13\uff14x",
    ],
)
def test_other_passwords_are_none_of_them(password: str) -> None:
    assert not is_frequent(password)


def test_the_list_has_a_thousand_words_in_lower_case_and_order() -> None:
    assert len(frequent()) > 1000
    assert all(word == word.casefold() for word in frequent())


async def test_they_are_refused_where_the_setting_is_on(careful: House) -> None:
    with pytest.raises(Invalid) as refused:
        await careful.register(password="password123")
    with pytest.raises(Invalid):
        await careful.register_tenant(password="Password123")

    assert [(one.field, one.code) for one in refused.value.violations] == [("password", "frequent")]


async def test_they_are_taken_where_it_is_off(auth: House) -> None:
    assert await auth.register(password="password123")
    assert await auth.register_tenant(password="Password123")
