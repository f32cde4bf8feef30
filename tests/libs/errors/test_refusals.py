"""Refusals carry what a caller may see, and get their reason from their name."""

import pytest

from libs.errors import Conflict, Exhausted, Invalid, NotFound, Refusal, Violation, upper_snake
from libs.rpc.wire import STATUS


class AlreadyPublished(Conflict):
    def __init__(self, video_id: int) -> None:
        super().__init__("This video is already published.", video_id=video_id)


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("AlreadyPublished", "ALREADY_PUBLISHED"),
        ("Invalid", "INVALID"),
        ("PinLocked", "PIN_LOCKED"),
        ("Refused2Times", "REFUSED2_TIMES"),
    ],
)
def test_a_reason_is_the_class_name_in_upper_snake(name: str, reason: str) -> None:
    assert upper_snake(name) == reason


def test_a_refusal_is_a_sentence_with_facts_as_text() -> None:
    refusal = AlreadyPublished(5)

    assert str(refusal) == refusal.message == "This video is already published."
    assert (refusal.reason, refusal.details, refusal.violations) == ("ALREADY_PUBLISHED", {"video_id": "5"}, ())


def test_violations_are_kept_in_order() -> None:
    broken = (Violation("a", "must be", "required"), Violation("b", "too long", "max_len"))

    assert Invalid("The request breaks rules.", broken).violations == broken


def test_details_do_not_leak_from_one_refusal_to_another() -> None:
    assert Exhausted("Slow down.", retry_after_seconds=3).details == {"retry_after_seconds": "3"}
    assert NotFound("There is no such thing.").details == {}


def test_every_kind_of_refusal_has_a_status_of_its_own() -> None:
    kinds = set(Refusal.__subclasses__())

    assert kinds == set(STATUS)
    assert len(set(STATUS.values())) == len(kinds)
