"""Functions of at most 40 lines, files of at most 300.

Nobody plans the four-thousand-line file; it grows by one reasonable line at a time, and the day it must be split nobody
dares to. Migrations are lists of statements and may be long.
"""

import ast
from collections.abc import Iterator

from tools.lint.exemptions import Exemptions
from tools.lint.rule import Offence, Rule
from tools.lint.sources import Source, Tree

NAME = "size"
FUNCTION, FILE = 40, 300
LISTS = "migrations"


def check(tree: Tree) -> Iterator[Offence]:
    exempt = Exemptions.read(tree, NAME)
    for source in tree.python:
        if LISTS not in source.path.parts:
            yield from too_long(source, exempt)
    yield from exempt.stale()


def too_long(source: Source, exempt: Exemptions) -> Iterator[Offence]:
    if len(source.lines) > FILE and not exempt.covers(source.path):
        yield Offence(source.path, 1, f"{len(source.lines)} lines; a file has at most {FILE}.")
    for node in ast.walk(source.module):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            length = (node.end_lineno or node.lineno) - node.lineno + 1
            if length > FUNCTION and not exempt.covers(source.path, node.name):
                yield Offence(
                    source.path, node.lineno, f"{node.name} has {length} lines; a function has at most {FUNCTION}."
                )


RULE = Rule(NAME, check)
