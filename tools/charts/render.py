"""What Helm would send to a cluster."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import yaml

from tools.charts.prepare import prepared
from tools.charts.programs import CHARTS, run
from tools.charts.schemas import SOURCES

Object = dict[str, Any]
RELEASE, NAMESPACE = "orrery", "fleet"
KUBERNETES = ("--kube-version", SOURCES["kubernetes"]["version"])


def values_files(chart: str) -> list[Path]:
    """One file for each supported way to install the chart."""
    return sorted((CHARTS / chart / "ci").glob("*-values.yaml"))


def text(chart: str, *values: Path, sets: Sequence[str] = (), release: str = RELEASE, charts: Path = CHARTS) -> str:
    """The manifest; raises Refused where values or templates are wrong."""
    files = [part for path in values for part in ("--values", str(path))]
    given = [part for one in sets for part in ("--set", one)]
    place = str(prepared(chart, charts))
    return run("helm", "template", release, place, "--namespace", NAMESPACE, *KUBERNETES, *files, *given)


def lint(chart: str, values: Path) -> None:
    """Raises Refused with what Helm finds wrong, warnings too."""
    run("helm", "lint", "--strict", "--quiet", *KUBERNETES, str(prepared(chart)), "--values", str(values))


def render(
    chart: str, *values: Path, sets: Sequence[str] = (), release: str = RELEASE, charts: Path = CHARTS
) -> list[Object]:
    """The manifest's objects, in its order."""
    return objects(text(chart, *values, sets=sets, release=release, charts=charts))


def objects(manifest: str) -> list[Object]:
    return [one for one in yaml.load_all(manifest, yaml.CSafeLoader) if one]
