"""A dashboard as Grafana reads it: rows from top to bottom, panels from left to right."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tools.dashboards.panels import HEIGHT, PROMETHEUS, WIDTH, Json, Row

SCHEMA = 39  # Grafana 10.4 and later


@dataclass(frozen=True, slots=True)
class Board:
    """`uid` is what alerts link to, without `orrery-`."""

    uid: str
    title: str
    rows: Sequence[Row]

    def json(self) -> Json:
        return {
            "uid": f"orrery-{self.uid}",
            "title": f"Orrery / {self.title}",
            "tags": ["orrery"],
            "schemaVersion": SCHEMA,
            "editable": False,
            "graphTooltip": 1,
            "refresh": "30s",
            "time": {"from": "now-3h", "to": "now"},
            "timezone": "browser",
            "links": [
                {"type": "dashboards", "title": "Orrery", "tags": ["orrery"], "asDropdown": True, "keepTime": True}
            ],
            "annotations": {"list": [released()]},
            "templating": {
                "list": [source("datasource", "Metrics", "prometheus"), source("logs", "Logs", "loki"), fleet()]
            },
            "panels": list(placed(self.rows)),
        }


def placed(rows: Sequence[Row]) -> Iterator[Json]:
    """Each panel with its place and number."""
    top, number = 0, 0
    for row in rows:
        number += 1
        yield {"id": number, "type": "row", "title": row.title, "gridPos": at(0, top, WIDTH, 1), "panels": []}
        top, left = top + 1, 0
        for panel in row.panels:
            number += 1
            if left + panel.width > WIDTH:
                top, left = top + HEIGHT, 0
            yield {"id": number, "gridPos": at(left, top, panel.width, HEIGHT), **panel.json()}
            left += panel.width
        top += HEIGHT


def at(left: int, top: int, width: int, height: int) -> Json:
    return {"x": left, "y": top, "w": width, "h": height}


def source(name: str, label: str, kind: str) -> Json:
    return {"name": name, "label": label, "type": "datasource", "query": kind, "hide": 0}


def fleet() -> Json:
    """The variable that chooses a fleet by its namespace."""
    return {
        "name": "namespace",
        "label": "Fleet",
        "type": "query",
        "datasource": PROMETHEUS,
        "query": {"query": 'label_values(up{fleet!=""}, namespace)', "refId": "A"},
        "refresh": 2,
        "sort": 1,
    }


def released() -> Json:
    """Marks where a pod of another version came."""
    return {
        "name": "Versions",
        "datasource": PROMETHEUS,
        "enable": True,
        "iconColor": "blue",
        "expr": 'count by (service, version) (orrery_build_info{namespace="$namespace"})'
        ' unless count by (service, version) (orrery_build_info{namespace="$namespace"} offset 2m)',
        "titleFormat": "{{service}} {{version}}",
    }
