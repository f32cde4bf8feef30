"""`orrery outbox`."""

import asyncio
from dataclasses import asdict
from typing import Annotated

import typer

from admin.messages.ages import spoken
from admin.messages.outboxes import Outbox, as_json, drop, look, send
from admin.schemas import chosen
from admin.settings import AdminSettings
from libs.kafka import Kafka
from services.audit.audit_log.events import audited_topics

app = typer.Typer(no_args_is_help=True, help="Events that wait to be sent to Kafka.")
Schemas = Annotated[list[str] | None, typer.Option(help="Only this schema; may be given again.")]
AsJson = Annotated[bool, typer.Option("--json")]


@app.command()
def status(*, schema: Schemas = None, as_json_: AsJson = False) -> None:
    """Show for each service how many events wait, how long the oldest has waited, and which one is first.

    All others of the service wait behind the first one. In good times the oldest is not a second old.
    """
    postgres = AdminSettings.told().of_postgres()
    found = [one for name in chosen(schema or []) if (one := look(postgres, name))]
    if as_json_:
        return typer.echo(as_json([asdict(one) for one in found]))
    for one in found:
        typer.echo(line(one))
    return None


@app.command()
def replay(*, schema: Schemas = None) -> None:
    """Send what waits now, as the service's own relay would: for when its pods cannot run.

    It takes the relay's lock, so no event of a key overtakes another. While a relay works it sends nothing.
    """
    settings = AdminSettings.told()
    audited_topics()  # makes every event's class known

    async def work() -> None:
        async with Kafka(settings.of_kafka()) as kafka:
            for name, service in chosen(schema or []).items():
                sent = await send(settings.of_postgres(), kafka, name, service.name.replace("_", "-"))
                typer.echo(f"{name}: {sent} sent")

    asyncio.run(work())


@app.command("drop")
def drop_(schema: Annotated[str, typer.Argument()], position: Annotated[int, typer.Argument()]) -> None:
    """Take one event out for good and print it: for one that Kafka will never take and all others wait behind.

    Nobody will ever hear of what it tells. Keep what is printed.
    """
    [name] = chosen([schema])
    audited_topics()
    drop(AdminSettings.told().of_postgres(), name, position, lambda row: typer.echo(as_json(row)))


def line(one: Outbox) -> str:
    if one.first is None:
        return f"{one.schema:<8} nothing waits"
    first = f"{one.first['type']} of {one.first['key']} at position {one.first['position']}"
    return f"{one.schema:<8} {one.waiting} wait, the oldest for {spoken(one.oldest_seconds)}; first: {first}"
