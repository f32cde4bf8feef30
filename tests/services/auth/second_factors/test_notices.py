"""People are told by mail what was changed."""

from collections.abc import Awaitable, Callable

import pytest

from tests.services.auth.house import House
from tests.services.auth.second_factors.people import Person, Ticking, person

Changing = Callable[[Person], Awaitable[object]]
CHANGES: dict[str, Changing] = {
    "enabled / 二要素認証が有効": lambda ada: ada.enable(),
    "replaced / バックアップコード": lambda ada: ada.replace_codes(ada.code()),
    "the PIN was set / PIN": lambda ada: ada.set_pin("271828"),
    "disabled / 二要素認証が無効": lambda ada: ada.disable(otp_code=ada.code()),
}


async def mails(ada: Person) -> list[str]:
    rows = await ada.auth.sql(
        "SELECT content ->> 'change' AS change FROM mail WHERE recipient = :to AND template = 'second_factor_changed'"
        " ORDER BY created_at",
        to=f"{ada.username}@example.com",
    )
    return [row.change for row in rows]


async def prove(ada: Person, language: str | None = None) -> None:
    await ada.auth.sql(
        "UPDATE user_account SET email_verified_at = now(), language = :language WHERE user_id = :id",
        id=ada.user_id,
        language=language,
    )


async def test_each_change_is_told_in_both_languages_where_none_is_known(auth: House, clock: Ticking) -> None:
    ada = await person(auth, clock)
    await prove(ada)

    for change in CHANGES.values():
        await change(ada)
        ada.clock.tick()  # for a code that is new

    assert [any(part in told for part in CHANGES) for told in await mails(ada)] == [True] * len(CHANGES)


@pytest.mark.parametrize(
    ("language", "told"),
    [("ja", "PINが設定されました"), ("en", "the PIN was set"), ("fr", "the PIN was set / PINが設定されました")],
)
async def test_a_change_is_told_in_the_persons_language(auth: House, clock: Ticking, language: str, told: str) -> None:
    ada = await person(auth, clock)
    await prove(ada, language)

    await ada.set_pin("271828")

    assert await mails(ada) == [told]


async def test_an_address_that_was_never_proven_is_told_nothing(auth: House, clock: Ticking) -> None:
    ada = await person(auth, clock)

    await ada.enable()

    assert await mails(ada) == []
