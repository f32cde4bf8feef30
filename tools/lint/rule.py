"""What a rule is and what it finds."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from tools.lint.sources import Tree


@dataclass(frozen=True, slots=True, order=True)
class Offence:
    """A place that breaks a rule, with the sentence that says what to do."""

    path: Path
    line: int
    sentence: str


@dataclass(frozen=True, slots=True)
class Rule:
    """A name in kebab-case and the check that finds its offences."""

    name: str
    check: Callable[[Tree], Iterator[Offence]]

    def report(self, tree: Tree) -> list[str]:
        """One line an offence, in the order of paths and lines."""
        found = sorted(self.check(tree))
        return [f"{offence.path}:{offence.line} {self.name} — {offence.sentence}" for offence in found]
