"""Signed URLs are made once and handed out while they are fresh."""

from datetime import timedelta

from services.media import links
from services.media.links import Links


class Signing:
    """An object store's signer that counts."""

    def __init__(self) -> None:
        self.signed = 0

    def presign_get(self, key: str, expires: timedelta) -> str:
        self.signed += 1
        return f"{key}?{self.signed}"


def test_a_key_is_signed_once_while_its_url_is_fresh() -> None:
    signing = Signing()
    made = Links(signing)

    assert [made.to("a"), made.to("a"), made.to("b")] == ["a?1", "a?1", "b?2"]


def test_a_stale_url_is_signed_anew() -> None:
    now = 0.0
    made = Links(Signing(), clock=lambda: now)
    first = made.to("a")

    now = links.LIFE.total_seconds() / 2 + 1

    assert (first, made.to("a")) == ("a?1", "a?2")


def test_the_oldest_make_room() -> None:
    signing = Signing()
    made = Links(signing)
    for number in range(links.MOST + 1):
        made.to(str(number))

    made.to(str(links.MOST))
    made.to("0")

    assert signing.signed == links.MOST + 2
