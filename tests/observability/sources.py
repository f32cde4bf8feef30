"""The rules, runbooks and dashboards of the tree."""

import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from tools.stack.layout import ROOT

PLATFORM = ROOT / "charts" / "platform"
RUNBOOKS = ROOT / "docs" / "runbooks"
UNITS = Path(__file__).parent / "rules"
ALERTS = sorted(path.stem for path in (PLATFORM / "alerts").glob("*.yaml"))
Rule = dict[str, Any]


def groups(path: Path) -> list[dict[str, Any]]:
    """The groups of a rules file."""
    found: list[dict[str, Any]] = yaml.safe_load(path.read_text())["groups"]
    return found


def rules(path: Path) -> list[Rule]:
    return [rule for group in groups(path) for rule in group["rules"]]


def alert(name: str) -> list[Rule]:
    return rules(PLATFORM / "alerts" / f"{name}.yaml")


def recordings() -> list[Rule]:
    return [rule for path in sorted((PLATFORM / "recording").glob("*.yaml")) for rule in rules(path)]


@cache
def dashboards() -> dict[str, Any]:
    """Each dashboard by its uid."""
    made = [json.loads(path.read_text()) for path in sorted((PLATFORM / "dashboards").glob("*.json"))]
    return {one["uid"]: one for one in made}


def queries(board: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """(panel's title, PromQL) of a dashboard, its variables filled in."""
    for panel in board["panels"]:
        for target in panel.get("targets", []):
            if target["datasource"]["type"] == "prometheus":
                yield panel["title"], target["expr"].replace("$namespace", "orrery")
    for one in board["annotations"]["list"]:
        yield one["name"], one["expr"].replace("$namespace", "orrery")


@cache
def expressions() -> dict[str, list[str]]:
    """All PromQL of the tree, by where it stands."""
    found = {f"alert {name}": [rule["expr"] for rule in alert(name)] for name in ALERTS}
    found["recording rules"] = [rule["expr"] for rule in recordings()]
    found |= {f"dashboard {uid}": [expr for _, expr in queries(board)] for uid, board in dashboards().items()}
    return found
