"""`orrery smoke`."""

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, TypeVar

import typer

from admin.errors import Failed
from admin.smoke.api import PATIENCE, Api
from admin.smoke.journey import Smoke

T = TypeVar("T")
Url = Annotated[str, typer.Option(help="Where people reach the API: https://api.example.com.")]
Keep = Annotated[bool, typer.Option("--keep/--delete", help="Whether the video and its owner stay.")]
Seconds = Annotated[float, typer.Option(help="How long processing and the logs may take.")]
Domain = Annotated[str, typer.Option(help="Of the new account's e-mail address, which is greeted.")]
Authority = Annotated[Path | None, typer.Option("--ca", help="File of CAs that are believed beside the system's.")]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON object a step.")]


def smoke(
    *,
    url: Url,
    keep: Keep = False,
    seconds: Seconds = PATIENCE,
    domain: Domain = "example.com",
    authority: Authority = None,
    as_json: AsJson = False,
) -> None:
    """Do the main job through the gateway: register, upload a film, see it processed, find it in the logs.

    A line for each step; the first that fails ends it with its sentence. Signed URLs of the object store must be
    reachable from here, as they must be for the people who upload.
    """

    def step(what: str, work: Callable[[], T], outcome: Callable[[T], str]) -> T:
        begun = time.monotonic()
        try:
            result = work()
        except Failed as failure:
            tell(what, "FAIL", str(failure), begun, as_json=as_json)
            raise Failed(f"{what}: {failure}") from None
        tell(what, "ok", outcome(result), begun, as_json=as_json)
        return result

    with Api(url, authority) as api:
        Smoke(api, step, domain, seconds).run(keep=keep)


def tell(what: str, state: str, outcome: str, begun: float, *, as_json: bool) -> None:
    seconds = round(time.monotonic() - begun, 1)
    if as_json:
        told: dict[str, Any] = {"step": what, "ok": state == "ok", "outcome": outcome, "seconds": seconds}
        typer.echo(json.dumps(told, ensure_ascii=False))
    elif state == "ok":
        typer.echo(f"ok  {what:<17} {outcome} ({seconds} s)")
