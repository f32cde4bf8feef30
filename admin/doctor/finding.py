"""What an examination found."""

from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    """`UNTOLD`: the environment does not say where it is, so it was not looked at."""

    OK = "ok"
    WARN = "WARN"
    FAIL = "FAIL"
    UNTOLD = "--"


@dataclass(frozen=True, slots=True)
class Finding:
    """One line: what was found, and what to do about it."""

    check: str
    level: Level
    what: str
    advice: str = ""

    def line(self) -> str:
        told = f"{self.level:<4} {self.check:<13} {self.what}"
        return f"{told} → {self.advice}" if self.advice else told


def ok(check: str, what: str) -> Finding:
    return Finding(check, Level.OK, what)


def warn(check: str, what: str, advice: str) -> Finding:
    return Finding(check, Level.WARN, what, advice)


def fail(check: str, what: str, advice: str) -> Finding:
    return Finding(check, Level.FAIL, what, advice)


def untold(check: str, names: str) -> Finding:
    return Finding(check, Level.UNTOLD, f"not looked at: {names} is not set")
