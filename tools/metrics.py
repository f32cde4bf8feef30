"""The page of all metrics, written from their declarations: `python -m tools.metrics` writes docs/metrics.md."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tools.stack.layout import ROOT

PAGE = ROOT / "docs" / "metrics.md"
SOURCES = ("libs", "gateway", "services")
KINDS = {
    "Counter": "counter",
    "Gauge": "gauge",
    "Histogram": "histogram",
    "GaugeMetricFamily": "gauge",
    "CounterMetricFamily": "counter",
}
HEAD = """# Metrics

What every process shows at `/metrics` of its operations port (7200 in the cluster), beside what the Prometheus client
shows by itself (`process_*`, `python_*`). Written from the code by `python -m tools.metrics`; a test keeps it so.

A label's values are bounded: methods, routes, queues, topics and reasons that the code names; never a user's or
tenant's. Counters whose labels are known beforehand begin at 0, so that the first event is an increase. A gauge that
says "every replica the same" is asked of the database or broker: take `max`; others are added up over the replicas.

| metric | type | labels | meaning | declared in |
|---|---|---|---|---|
"""


@dataclass(frozen=True, order=True)
class Metric:
    """A declaration in the code."""

    name: str
    kind: str
    labels: tuple[str, ...]
    meaning: str
    source: str

    def row(self) -> str:
        shown = ", ".join(f"`{label}`" for label in self.labels)
        return f"| `{self.name}` | {self.kind} | {shown} | {self.meaning} | `{self.source}` |\n"


def declared() -> list[Metric]:
    """All metrics that the code declares, by name."""
    paths = [path for source in SOURCES for path in sorted((ROOT / source).rglob("*.py"))]
    return sorted(metric for path in paths for metric in of_file(path))


def of_file(path: Path) -> Iterator[Metric]:
    text = path.read_text(encoding="utf-8")
    if "prometheus_client" not in text:
        return
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in KINDS:
            yield from of_call(node, KINDS[node.func.id], str(path.parent.relative_to(ROOT)))


def of_call(call: ast.Call, kind: str, source: str) -> Iterator[Metric]:
    given = [value_of(argument) for argument in call.args]
    labels = next((value_of(word.value) for word in call.keywords if word.arg in ("labels", "labelnames")), None)
    match given:
        case [str(name), str(meaning), *rest]:
            found = labels or (rest[0] if rest else None)
            yield Metric(name, kind, tuple(map(str, found)) if isinstance(found, list) else (), meaning, source)


def value_of(node: ast.expr) -> object:
    """A literal's value; None for anything else."""
    try:
        return ast.literal_eval(node)
    except ValueError:
        return None


def page() -> str:
    """The whole page."""
    return HEAD + "".join(metric.row() for metric in declared())


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
