"""Reading names out of syntax trees."""

import ast
from collections.abc import Iterator

from tools.lint.sources import Source


def dotted(node: ast.expr) -> str:
    """`os.environ` for the expression os.environ; empty where it is no plain chain of names."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        before = dotted(node.value)
        return f"{before}.{node.attr}" if before else ""
    return ""


def last(node: ast.expr) -> str:
    """The final name of a call's function: `transaction` for self._database.transaction."""
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def calls(source: Source) -> Iterator[ast.Call]:
    """Every call in a file."""
    return (node for node in ast.walk(source.module) if isinstance(node, ast.Call))


def imports(source: Source) -> Iterator[tuple[int, str]]:
    """Line and full name of everything imported: `from a.b import c` is a.b.c."""
    for node in ast.walk(source.module):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, name.name) for name in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from ((node.lineno, f"{node.module}.{name.name}") for name in node.names)


def is_under(name: str, packages: tuple[str, ...]) -> bool:
    """Whether a dotted name is one of the packages or lies inside it."""
    return any(name == package or name.startswith(f"{package}.") for package in packages)
