"""What a part answers when it is asked whether it works."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeAlias

from libs.telemetry.logs import cleaned

LONGEST = 300


@dataclass(frozen=True, slots=True)
class No:
    """A no that says why, in one line without secrets; false wherever a yes is true."""

    why: str

    def __bool__(self) -> bool:
        return False


Answer: TypeAlias = bool | No
Check = Callable[[], Awaitable[Answer]]


def why_not(answer: object) -> str:
    """The reason of whatever a check gave, which may be what it raised; empty for True."""
    match answer:
        case True:
            return ""
        case No():
            said = answer.why
        case BaseException():
            said = f"{answer}".strip() or type(answer).__name__
        case _:
            said = "does not answer"
    return str(cleaned(said.partition("\n")[0]))[:LONGEST]
