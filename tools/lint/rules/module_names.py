"""No module is named for having no meaning.

A `utils.py` of forty lines had two thousand a year later, was imported by everything, and nothing in it could be moved.
"""

from collections.abc import Iterator
from pathlib import Path

from tools.lint.rule import Offence, Rule
from tools.lint.sources import Tree

REFUSED = {"common", "util", "utils", "core", "shared", "helper", "helpers", "base", "misc"}
OURS = ("libs", "services", "gateway", "admin", "tools", "tests", "protos")


def check(tree: Tree) -> Iterator[Offence]:
    for path in tree.paths:
        if path.parts[0] in OURS:
            for name in refused(path):
                yield Offence(path, 1, f"{name!r} says nothing; name the module for the one thing that it is about.")


def refused(path: Path) -> list[str]:
    return sorted({part for part in (*path.parts[:-1], path.stem) if part in REFUSED})


RULE = Rule("module-names", check)
