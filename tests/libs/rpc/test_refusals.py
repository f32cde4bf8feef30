"""A refusal keeps its type, facts and violations over the hop, unary or streamed; a fault says nothing of itself."""

import pytest

from libs.errors import DeadlineExceeded, Exhausted, Internal, Invalid, NotFound, Refusal, Unavailable
from tests.libs.rpc.conftest import Fleet
from tests.libs.rpc.servicer import KINDS, VIOLATIONS

WAYS = ("User", "Many")


async def refused(fleet: Fleet, way: str, what: str, after: int = 0) -> tuple[list[str], Refusal]:
    """The answers before the refusal, and the refusal."""
    seen: list[str] = []

    async def ask() -> None:
        if way != "Many":
            await fleet.call(way, what)
        async for text in fleet.many(what, after):
            seen.append(text)  # noqa: PERF401  # what came before the refusal counts

    with pytest.raises(Refusal) as raised:
        await ask()
    return seen, raised.value


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("kind", KINDS)
async def test_each_kind_arrives_as_itself(kind: str, way: str, fleet: Fleet) -> None:
    _, refusal = await refused(fleet, way, kind)

    assert type(refusal) is KINDS[kind]
    assert refusal.message == f"{kind}: so nicht, {kind}."
    assert refusal.details == {"number": "5", "word": "größer"}


@pytest.mark.parametrize("way", WAYS)
async def test_a_services_own_refusal_keeps_its_reason(way: str, fleet: Fleet) -> None:
    _, refusal = await refused(fleet, way, "raise quota")

    assert isinstance(refusal, Exhausted)
    assert (refusal.reason, refusal.details["retry_after_seconds"]) == ("QUOTA_SPENT", "30")


@pytest.mark.parametrize("way", WAYS)
async def test_violations_arrive_in_order(way: str, fleet: Fleet) -> None:
    _, refusal = await refused(fleet, way, "raise violations")

    assert refusal.violations == VIOLATIONS


@pytest.mark.parametrize("way", WAYS)
async def test_more_violations_than_a_header_holds_still_refuse_as_invalid(way: str, fleet: Fleet) -> None:
    _, refusal = await refused(fleet, way, "raise many violations")

    assert isinstance(refusal, Invalid)
    assert refusal.message == "The request breaks rules."
    assert refusal.violations[0].field == "field0"


@pytest.mark.parametrize("way", WAYS)
async def test_a_long_sentence_in_another_script_arrives(way: str, fleet: Fleet) -> None:
    _, refusal = await refused(fleet, way, "raise japanese")

    assert isinstance(refusal, NotFound)
    assert refusal.message == "この動画はありません。" * 40


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(
    ("what", "kind"),
    [("fault", Internal), ("lookup", Internal), ("away", Unavailable), ("slow", Unavailable)],
)
async def test_what_was_not_foreseen_says_nothing_of_itself(
    what: str, kind: type[Refusal], way: str, fleet: Fleet
) -> None:
    _, refusal = await refused(fleet, way, f"raise {what}")

    assert type(refusal) is kind
    assert "hunter2" not in f"{refusal.message}{refusal.details}{refusal.reason}"


async def test_answers_before_a_refusal_arrive(fleet: Fleet) -> None:
    seen, refusal = await refused(fleet, "Many", "NotFound", after=3)

    assert seen == ["0", "1", "2"]
    assert isinstance(refusal, NotFound)


@pytest.mark.parametrize("what", ["", "raise fault", "NotFound"])
async def test_the_same_stream_can_be_asked_again(what: str, fleet: Fleet) -> None:
    for _ in range(3):
        try:
            assert [text async for text in fleet.many(what, 2)] == ["0", "1", ""]
        except Refusal:
            assert what


async def test_a_deadline_that_passes_is_a_refusal_of_its_own(fleet: Fleet) -> None:
    with pytest.raises(DeadlineExceeded):
        await fleet.call("User", "wait", seconds=0.2)


async def test_a_service_that_is_away_is_unavailable_and_found_again(fleet: Fleet) -> None:
    await fleet.server.stop(0)

    with pytest.raises(Unavailable, match="away for a moment"):
        await fleet.call("User", "x")
