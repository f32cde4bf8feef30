"""A new service is rendered, built and developed like the others."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml

from tools.charts.render import render
from tools.new_service import kubernetes
from tools.new_service.errors import NotWritten
from tools.new_service.names import Names

NAMES = Names.of("star-charts", "charts", "maps")
MINIMAL = Path("charts/orrery/ci/minimal-values.yaml").resolve()


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A repository's files about Kubernetes."""
    made = shutil.ignore_patterns("Chart.lock", "*.tgz")
    shutil.copytree("charts", tmp_path / "charts", ignore=made)
    for path in {place.path for place in kubernetes.PLACES if place.path.parts[0] != "charts"}:
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, tmp_path / path)
    return tmp_path


def read(path: Path) -> Any:
    return yaml.safe_load(path.read_text())


def test_it_is_rendered_like_the_others(root: Path) -> None:
    kubernetes.write(root, NAMES)

    objects = {(one["kind"], one["metadata"]["name"]): one for one in render("orrery", MINIMAL, charts=root / "charts")}
    kinds = {kind for kind, name in objects if name == "orrery-star-charts"}
    assert kinds >= {"Deployment", "Service", "ServiceAccount", "NetworkPolicy", "PodDisruptionBudget"}
    pod = objects["Deployment", "orrery-star-charts"]["spec"]["template"]["spec"]
    assert pod["containers"][0]["args"] == ["services.star_charts"]
    assert pod["initContainers"][0]["args"] == ["libs.database", "wait", "services/star_charts"]
    gateway = objects["Deployment", "orrery-gateway"]["spec"]["template"]["spec"]["containers"][0]["env"]
    addresses = {one["name"]: one.get("value") for one in gateway}
    assert addresses["ORRERY_SERVICES__STAR_CHARTS"] == "orrery-star-charts.fleet.svc.cluster.local:7100"


def test_its_login_is_made(root: Path) -> None:
    kubernetes.write(root, NAMES)

    configs = [one for one in render("orrery", MINIMAL, charts=root / "charts") if one["kind"] == "ConfigMap"]
    (secrets,) = [yaml.safe_load(one["data"]["secrets.yaml"]) for one in configs if "secrets.yaml" in one["data"]]
    assert {"charts_owner", "charts_app"} <= secrets["secrets"]["orrery-postgres"].keys()
    assert "orrery-tls-star-charts" in secrets["certificates"]["issue"]


def test_it_is_built_and_developed(root: Path) -> None:
    kubernetes.write(root, NAMES)

    config = read(root / "skaffold.yaml")
    (artifact,) = [one for one in config["build"]["artifacts"] if one["image"] == "orrery/star-charts"]
    assert artifact["custom"]["buildCommand"] == "tools/skaffold/build.sh star-charts"
    assert "global.tracks.blue.images.star-charts" in config["deploy"]["helm"]["releases"][1]["setValueTemplates"]
    assert read(root / "tools/skaffold/dev-values.yaml")["star-charts"]["args"][1] == "services.star_charts"
    matrix = read(root / ".github/workflows/build.yml")["jobs"]["image"]["strategy"]["matrix"]["include"]
    assert {"name": "star-charts", "target": "fleet", "service": "services/star_charts"} in matrix


def test_everything_that_was_there_stays(root: Path) -> None:
    before = {place.path: (root / place.path).read_text().splitlines() for place in kubernetes.PLACES}

    kubernetes.write(root, NAMES)

    json.loads((root / kubernetes.SCHEMA).read_text())
    for path, lines in before.items():
        after = (root / path).read_text().splitlines()
        changed = [line for line in lines if line not in after]
        assert len(changed) <= 2, f"{path}: {changed}"


def test_what_is_there_is_not_written_again(root: Path) -> None:
    kubernetes.write(root, NAMES)
    once = [(root / place.path).read_text() for place in kubernetes.PLACES]

    assert kubernetes.write(root, NAMES) == []
    assert [(root / place.path).read_text() for place in kubernetes.PLACES] == once


def test_a_file_that_looks_otherwise_has_no_place_and_nothing_is_written(root: Path) -> None:
    (root / "skaffold.yaml").write_text("build: {}\n")
    before = {place.path: (root / place.path).read_text() for place in kubernetes.PLACES}

    with pytest.raises(NotWritten, match=r"skaffold\.yaml does not look as it did"):
        kubernetes.write(root, NAMES)

    assert {path: (root / path).read_text() for path in before} == before
