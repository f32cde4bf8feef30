"""The commands of the local stack."""

import sys
from typing import Annotated

import typer
from rich.console import Console

from admin.errors import Failed
from tools.stack import commands, compose, start, stop
from tools.stack import doctor as doctors
from tools.stack import logs as log_files
from tools.stack import seed as sample_data
from tools.stack import status as states
from tools.stack.demo import journey
from tools.stack.errors import StackError
from tools.stack.layout import load

app = typer.Typer(add_completion=False, no_args_is_help=True, help=__doc__)
NARROWEST = 110  # columns of output that goes to a file
console = Console(highlight=False, soft_wrap=True, width=None if sys.stdout.isatty() else NARROWEST)
Names = Annotated[list[str] | None, typer.Argument(help="Deployables; all when none is named.")]
Name = Annotated[str, typer.Argument(help="A part or a deployable.")]


@app.command()
def up(names: Names = None) -> None:
    """Install what is missing, start what does not run, wait until all is ready."""
    told = start.up(load(), console, names or [])
    if not names:
        start.greet(told, console)


@app.command()
def down() -> None:
    """End the fleet and the parts; data stays."""
    stop.down(load(), console)


@app.command()
def restart(names: Names = None) -> None:
    """End these deployables and start them again, with today's code."""
    stop.restart(load(), console, names or [])


@app.command()
def pause() -> None:
    """End the fleet and leave the stores running."""
    stop.pause(load(), console)


@app.command()
def reset() -> None:
    """Down, and delete data, secrets and logs."""
    stop.reset(load(), console)


@app.command()
def status() -> None:
    """Show each process: id, port, health, memory, age."""
    states.status(load(), console)


@app.command()
def logs(name: Annotated[str, typer.Argument()] = "", *, follow: bool = False, lines: int = 100) -> None:
    """Show the last lines of one process's log, or a few of each."""
    log_files.show(load().folder, name, lines, follow=follow)


@app.command()
def doctor() -> None:
    """Say what is wrong and what to do about it."""
    raise typer.Exit(doctors.examine(load(), console))


@app.command()
def secrets() -> None:
    """Make the secrets that compose.yaml needs, and start nothing."""
    console.print(compose.write_environment(start.surroundings(load())))


@app.command()
def run(name: Name, arguments: Annotated[list[str], typer.Argument(help="A module and what it is told.")]) -> None:
    """Run a command of a deployable in its environment, beside it: run auth -- services.auth.keys list."""
    raise typer.Exit(commands.run(load(), name, arguments))


@app.command(context_settings={"allow_extra_args": True, "ignore_unknown_options": True})
def orrery(context: typer.Context) -> None:
    """Run the operators' command line on this stack: orrery doctor, orrery -- --help."""
    raise typer.Exit(commands.orrery(load(), context.args))


@app.command()
def demo() -> None:
    """Bring the fleet up and run the main job through its gateway."""
    journey.run(load(), console)


@app.command()
def seed() -> None:
    """Bring the fleet up and put sample data in."""
    sample_data.run(load(), console)


def main() -> int:
    try:
        app()
    except* (StackError, Failed) as group:
        for wrong in {str(one): one for one in group.exceptions}.values():  # two may miss the same
            tell(wrong)
        return_code = 1
    else:
        return_code = 0
    return return_code


def tell(wrong: BaseException) -> None:
    """Print the sentence, what the process last said, and what to do."""
    console.print(str(wrong), style="red", markup=False)
    console.print(*filter(None, (getattr(wrong, "tail", ""), getattr(wrong, "advice", ""))), sep="\n", markup=False)


if __name__ == "__main__":
    sys.exit(main())
