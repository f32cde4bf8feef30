"""What a dashboard is made of. Each panel has a unit; a red line is where its alert begins."""

from dataclasses import dataclass
from typing import Any

PROMETHEUS = {"type": "prometheus", "uid": "${datasource}"}
LOKI = {"type": "loki", "uid": "${logs}"}
WIDTH, HEIGHT = 24, 8
Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Query:
    """PromQL and how its lines are called."""

    expr: str
    legend: str = ""


@dataclass(frozen=True, slots=True)
class Panel:
    """A graph, or one large number (`kind="stat"`); three to a row unless `width` says otherwise."""

    title: str
    unit: str
    queries: tuple[Query, ...]
    kind: str = "timeseries"
    width: int = 8
    description: str = ""
    red_above: float | None = None
    most: float | None = None

    def json(self) -> Json:
        steps: list[Json] = [{"color": "green", "value": None}]
        if self.red_above is not None:
            steps.append({"color": "red", "value": self.red_above})
        defaults: Json = {"unit": self.unit, "min": 0, "thresholds": {"mode": "absolute", "steps": steps}}
        if self.most is not None:
            defaults["max"] = self.most
        if self.kind == "timeseries":
            marked = "line" if self.red_above is not None else "off"
            defaults["custom"] = {"fillOpacity": 8, "showPoints": "never", "thresholdsStyle": {"mode": marked}}
        return {
            "type": self.kind,
            "title": self.title,
            "description": self.description,
            "datasource": PROMETHEUS,
            "fieldConfig": {"defaults": defaults, "overrides": []},
            "options": {} if self.kind == "stat" else {"legend": {"displayMode": "list", "placement": "bottom"}},
            "targets": [
                {"refId": chr(65 + at), "datasource": PROMETHEUS, "expr": one.expr, "legendFormat": one.legend}
                for at, one in enumerate(self.queries)
            ],
        }


@dataclass(frozen=True, slots=True)
class Logs:
    """The lines that a LogQL query finds; a trace id in one opens its trace."""

    title: str
    expr: str
    width: int = WIDTH

    def json(self) -> Json:
        target = {"refId": "A", "datasource": LOKI, "expr": self.expr}
        options = {"showTime": True, "wrapLogMessage": True, "enableLogDetails": True, "sortOrder": "Descending"}
        return {"type": "logs", "title": self.title, "datasource": LOKI, "options": options, "targets": [target]}


@dataclass(frozen=True, slots=True)
class Row:
    """Panels under a heading."""

    title: str
    panels: tuple[Panel | Logs, ...]


def p99(metric: str, by: str, of: str) -> str:
    """The 99th percentile of a histogram over five minutes, by these labels, of what the selector chooses."""
    return f"histogram_quantile(0.99, sum by ({by}, le) (rate({metric}_bucket{{{of}}}[5m])))"


def graph(title: str, unit: str, *queries: tuple[str, str], **more: Any) -> Panel:
    """A graph of (PromQL, legend) pairs."""
    return Panel(title, unit, tuple(Query(*one) for one in queries), **more)


def stat(title: str, unit: str, expr: str, **more: Any) -> Panel:
    """One large number."""
    return Panel(title, unit, (Query(expr),), kind="stat", **{"width": 4, **more})
