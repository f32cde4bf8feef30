"""`orrery dlq`."""

import asyncio
import json
from collections import Counter
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Annotated, Any, TypeVar

import typer

from admin.errors import Failed
from admin.messages.ages import spoken
from admin.settings import AdminSettings
from libs.inbox.letters import Fate, Heap, Letter, heaps, settle, waiting
from libs.kafka import Kafka

T = TypeVar("T")
app = typer.Typer(no_args_is_help=True, help="Dead letters: events that a consumer could not apply.")
Topic = Annotated[
    str, typer.Argument(help="The dead-letter topic, <topic>.<group>.dlq, as `orrery dlq list` shows it.")
]
One = Annotated[str, typer.Option("--letter", help="Only this one: partition:offset, as `orrery dlq show` shows it.")]
AsJson = Annotated[bool, typer.Option("--json")]
SHOWN = 20


@app.command("list")
def list_(*, as_json: AsJson = False) -> None:
    """Show each dead-letter topic: how many letters wait, how old the oldest is, and the commonest reasons."""
    found = run(everything)
    if as_json:
        return typer.echo(json.dumps([summary(one, letters) for one, letters in found], ensure_ascii=False))
    for one, letters in found:
        typer.echo(line(one, letters))
    if not found:
        typer.echo("No consumer has a dead-letter topic yet.")
    return None


@app.command()
def show(
    topic: Topic,
    *,
    letter: One = "",
    most: Annotated[int, typer.Option(help="How many, the oldest first.", min=1)] = SHOWN,
    as_json: AsJson = False,
) -> None:
    """Show the letters that wait in a topic, or the whole of one."""
    letters = run(lambda kafka: read(kafka, topic))
    if letter:
        meant = [one for one in letters if one.id == letter]
        if not meant:
            raise Failed(f"No letter {letter} waits in {topic}.")
        return typer.echo(json.dumps(whole(meant[0]), indent=2, ensure_ascii=False))
    for one in letters[:most]:
        typer.echo(json.dumps(whole(one), ensure_ascii=False) if as_json else brief(one))
    if len(letters) > most and not as_json:
        typer.echo(f"… and {len(letters) - most} more")
    return None


@app.command()
def replay(topic: Topic, *, letter: One = "") -> None:
    """Give letters back to their topic, once the cause is mended: the consumer that failed tries anew.

    Other consumers have applied the event and take no notice. A letter that fails again comes back here.
    """
    done = run(lambda kafka: settled(kafka, topic, Fate.REPLAYED, letter))
    typer.echo(f"{done} of {topic} put back")


@app.command()
def drop(
    topic: Topic, *, letter: One = "", everything: Annotated[bool, typer.Option("--all", help="All that wait.")] = False
) -> None:
    """Forget letters: their consumer will never apply these events. Look at them first (`orrery dlq show`)."""
    if bool(letter) == everything:
        raise Failed("Say which: --letter PARTITION:OFFSET, or --all.")
    done = run(lambda kafka: settled(kafka, topic, Fate.DROPPED, letter))
    typer.echo(f"{done} of {topic} dropped")


def run(work: Callable[[Kafka], Awaitable[T]]) -> T:
    async def inside() -> T:
        async with Kafka(AdminSettings.told().of_kafka()) as kafka:
            return await work(kafka)

    return asyncio.run(inside())


async def everything(kafka: Kafka) -> list[tuple[Heap, list[Letter]]]:
    """Every heap with its letters; raises KafkaAway."""
    return [(one, await waiting(kafka, one)) for one in await heaps(kafka)]


async def named(kafka: Kafka, topic: str) -> Heap:
    found = [one for one in await heaps(kafka) if one.name == topic]
    if not found:
        raise Failed(f"There is no dead-letter topic {topic}; `orrery dlq list` shows all.")
    return found[0]


async def read(kafka: Kafka, topic: str) -> list[Letter]:
    return await waiting(kafka, await named(kafka, topic))


async def settled(kafka: Kafka, topic: str, fate: Fate, letter: str) -> int:
    return await settle(kafka, await named(kafka, topic), fate, letter)


def age(letter: Letter) -> float:
    return (datetime.now(UTC) - letter.at).total_seconds()


def summary(one: Heap, letters: list[Letter]) -> dict[str, Any]:
    return {
        "topic": one.name,
        "waiting": len(letters),
        "oldest_seconds": round(age(letters[0])) if letters else 0,
        "reasons": dict(Counter(letter.reason for letter in letters).most_common(5)),
    }


def line(one: Heap, letters: list[Letter]) -> str:
    if not letters:
        return f"{one.name}: empty"
    reasons = Counter(letter.reason for letter in letters).most_common(3)
    told = "; ".join(f"{count} x {reason}" for reason, count in reasons)
    return f"{one.name}: {len(letters)} wait, the oldest for {spoken(age(letters[0]))}: {told}"


def brief(letter: Letter) -> str:
    kind, subject = letter.header("ce_type") or "no event", letter.header("ce_subject")
    return f"{letter.id:<8} {letter.at:%FT%TZ}  {kind} of {subject}: {letter.reason}"


def whole(letter: Letter) -> dict[str, Any]:
    """All of a letter; its value as JSON where it is JSON."""
    text = letter.value.decode(errors="replace")
    try:
        value: Any = json.loads(text)
    except ValueError:
        value = text
    headers = {name: text.decode(errors="replace") for name, text in letter.headers}
    return {
        "letter": letter.id,
        "at": f"{letter.at:%FT%TZ}",
        "reason": letter.reason,
        "headers": headers,
        "value": value,
    }
