"""Whatever ends a command, as one sentence on stderr and an exit status."""

import logging
import sys
import traceback
from contextvars import ContextVar

import structlog
import typer

from libs.errors import Invalid, Refusal

INTERRUPTED = 130
shown: ContextVar[bool] = ContextVar("shown", default=False)


def be_quiet() -> None:
    """No log of the libraries beside the sentence, unless --traceback asks for all there is."""
    if not shown.get():
        structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
        logging.getLogger().addHandler(logging.NullHandler())


def tell(failure: BaseException) -> int:
    """Say what happened; the exit status. With --traceback also where."""
    if isinstance(failure, SystemExit) and not isinstance(failure.code, str):
        return failure.code or 0
    if shown.get():
        traceback.print_exception(failure)
    sys.stderr.write(f"{sentence(failure)}\n")
    return INTERRUPTED if isinstance(failure, KeyboardInterrupt) else 1


def sentence(failure: BaseException) -> str:
    """One line, or for refused settings and input a line for each."""
    match failure:
        case BaseExceptionGroup():
            return sentence(failure.exceptions[0])
        case KeyboardInterrupt() | typer.Abort():
            return "Interrupted."
        case Invalid():
            return "\n".join([failure.message, *(f"{one.field}: {one.message}" for one in failure.violations)])
        case Refusal() | typer.TyperException():
            return failure.message if isinstance(failure, Refusal) else failure.format_message()
        case SystemExit():
            return str(failure.code)
    return of_postgres(failure) or joined(failure)


def of_postgres(failure: BaseException) -> str:
    """What PostgreSQL said; empty where it is from elsewhere. Whatever raised it has imported its library."""
    if isinstance(failure, loaded("sqlalchemy.exc", "DBAPIError")):
        return f"PostgreSQL: {joined(getattr(failure, 'orig', None))}"
    return f"PostgreSQL: {joined(failure)}" if isinstance(failure, loaded("psycopg", "Error")) else ""


def loaded(module: str, name: str) -> tuple[type[BaseException], ...]:
    """The exception, if its module is imported: importing it only to ask costs every command a third of a second."""
    found = getattr(sys.modules.get(module), name, None)
    return (found,) if found else ()


def joined(failure: BaseException | None) -> str:
    """The failure's own text on one line; its class where it has none."""
    return "; ".join(line.strip() for line in str(failure).splitlines() if line.strip()) or type(failure).__name__
