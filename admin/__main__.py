"""The operators' command line: it deploys, looks after and mends what the fleet runs on.

Each command says in one sentence what went wrong and then ends with status 1. What a command needs to know comes from
the environment (ORRERY_POSTGRES__URL and its kin); `orrery doctor` says what is wrong with that, too.
"""

import sys
from typing import Annotated

import typer

from admin import failures
from admin.commands import Commands

app = typer.Typer(
    name="orrery", cls=Commands, help=__doc__, no_args_is_help=True, add_completion=False, rich_markup_mode=None
)


@app.callback()
def options(
    *, traceback: Annotated[bool, typer.Option(help="On failure show where in the code it happened.")] = False
) -> None:
    failures.shown.set(traceback)
    failures.be_quiet()


def main(arguments: list[str] | None = None) -> int:
    """Run a command; its exit status."""
    try:
        return app(arguments, prog_name="orrery", standalone_mode=False) or 0
    except (Exception, SystemExit, KeyboardInterrupt) as failure:  # noqa: BLE001  # told in one sentence
        return failures.tell(failure)


if __name__ == "__main__":
    sys.exit(main())
