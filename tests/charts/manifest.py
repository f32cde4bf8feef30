"""What a chart renders, asked by kind and name."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from tools.charts.programs import CHARTS
from tools.charts.render import Object, objects, text, values_files

MINIMAL = CHARTS / "orrery" / "ci" / "minimal-values.yaml"
TEMPLATES = {"Deployment", "StatefulSet", "DaemonSet", "Job"}


@dataclass(frozen=True)
class Workload:
    """What makes pods, and the pods it makes."""

    owner: Object
    labels: dict[str, str]
    spec: Object

    @property
    def name(self) -> str:
        return str(self.owner["metadata"]["name"])

    @property
    def containers(self) -> list[Object]:
        """Those that run before the others too."""
        return [*self.spec.get("initContainers", []), *self.spec["containers"]]


@dataclass(frozen=True)
class Manifest:
    """The objects of one render."""

    text: str
    objects: tuple[Object, ...]

    def of(self, *kinds: str) -> list[Object]:
        return [one for one in self.objects if one["kind"] in kinds]

    def one(self, kind: str, name: str) -> Object:
        (found,) = [one for one in self.of(kind) if one["metadata"]["name"] == name]
        return found

    def names(self, kind: str) -> set[str]:
        return {one["metadata"]["name"] for one in self.of(kind)}

    @property
    def workloads(self) -> list[Workload]:
        return [workload for one in self.objects for workload in workloads(one)]

    def workload(self, name: str) -> Workload:
        (found,) = [one for one in self.workloads if one.name == name]
        return found


def workloads(one: Object) -> Iterator[Workload]:
    if one["kind"] == "Pod":
        yield Workload(one, one["metadata"]["labels"], one["spec"])
    elif one["kind"] in TEMPLATES:
        template = one["spec"]["template"]
        yield Workload(one, template["metadata"]["labels"], template["spec"])
    elif one["kind"] == "CronJob":
        template = one["spec"]["jobTemplate"]["spec"]["template"]
        yield Workload(one, template["metadata"]["labels"], template["spec"])


@cache
def rendered(chart: str, *values: Path, sets: tuple[str, ...] = ()) -> Manifest:
    """A chart by its values, once a session."""
    manifest = text(chart, *values, sets=sets)
    return Manifest(manifest, tuple(objects(manifest)))


def fleet(*sets: str) -> Manifest:
    """charts/orrery by its smallest values and these."""
    return rendered("orrery", MINIMAL, sets=sets)


def scenarios(*charts: str) -> list[tuple[str, Path]]:
    return [(chart, path) for chart in charts for path in values_files(chart)]


def scenario_name(given: Any) -> str:
    return given.name.removesuffix("-values.yaml") if isinstance(given, Path) else str(given)


def defaults(chart: str) -> Any:
    return yaml.safe_load((CHARTS / chart / "values.yaml").read_text())


def selects(selector: dict[str, Any], labels: dict[str, str]) -> bool:
    """Whether a label selector means these labels."""
    by_labels = all(labels.get(name) == value for name, value in selector.get("matchLabels", {}).items())
    by_lists = all(labels.get(one["key"]) in one["values"] for one in selector.get("matchExpressions", []))
    return by_labels and by_lists


def environment(container: Object) -> dict[str, Any]:
    """A container's variables: a text, or the reference that gives it."""
    return {one["name"]: one.get("value", one.get("valueFrom")) for one in container.get("env", [])}


def alias(workload: Workload) -> str:
    return workload.labels["app.kubernetes.io/name"]
