"""The metrics that the code declares, found in its syntax trees: what is renamed there is missed here."""

import ast
from collections.abc import Iterator
from functools import cache

from tools.stack.layout import ROOT

CODE = ("libs", "gateway", "services", "admin")
KINDS = {
    "Counter": ("",),
    "Gauge": ("",),
    "Histogram": ("_bucket", "_count", "_sum"),
    "Summary": ("_count", "_sum"),
    "GaugeMetricFamily": ("",),
    "CounterMetricFamily": ("",),
}
Metrics = dict[str, frozenset[str]]


@cache
def metrics() -> Metrics:
    """The labels of each series by its name."""
    found: Metrics = {}
    for folder in CODE:
        for path in sorted((ROOT / folder).rglob("*.py")):
            found |= dict(declarations(ast.parse(path.read_text())))
    return found


def declarations(tree: ast.AST) -> Iterator[tuple[str, frozenset[str]]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in KINDS:
            yield from series(node, node.func.id)


def series(call: ast.Call, kind: str) -> Iterator[tuple[str, frozenset[str]]]:
    """The series of one declaration; nothing where its name is no text (collections.Counter, say)."""
    name = text(call.args[0]) if call.args else ""
    if not name.startswith("orrery_"):
        return
    given = {one.arg: one.value for one in call.keywords}
    labels = given.get("labelnames") or given.get("labels") or (call.args[2] if len(call.args) > 2 else None)
    names = frozenset(text(one) for one in labels.elts) if isinstance(labels, ast.List | ast.Tuple) else frozenset()
    for suffix in KINDS[kind]:
        yield name + suffix, names | ({"le"} if suffix == "_bucket" else frozenset())


def text(node: ast.expr) -> str:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""
