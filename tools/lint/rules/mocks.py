"""Tests patch nothing.

A patched client kept its test green for three releases after the real one had changed its answer. Tests use the real
parts; what must be steered has a seam of its own, such as a clock that is handed in.
"""

import ast
from collections.abc import Iterator

from tools.lint.names import dotted, imports, is_under
from tools.lint.rule import Offence, Rule
from tools.lint.sources import Tree

MODULES = ("unittest.mock", "mock", "pytest_mock")
PATCHES = ("monkeypatch.setattr", "monkeypatch.setitem", "monkeypatch.delattr")
FIXTURE = "mocker"


def check(tree: Tree) -> Iterator[Offence]:
    for source in tree.python:
        for line, name in imports(source):
            if is_under(name, MODULES):
                yield Offence(source.path, line, f"{name}: tests use the real part, or a seam of our own.")
        for node in ast.walk(source.module):
            if isinstance(node, ast.Attribute) and dotted(node) in PATCHES:
                yield Offence(source.path, node.lineno, f"{dotted(node)}: hand the thing in instead of patching it.")
            elif isinstance(node, ast.arg) and node.arg == FIXTURE:
                yield Offence(source.path, node.lineno, f"{FIXTURE}: tests use the real part, or a seam of our own.")


RULE = Rule("no-mocks", check)
