"""What people add to pods, or have otherwise, arrives; what the chart itself stands on stays."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.charts.manifest import MINIMAL, Manifest, fleet, rendered
from tests.charts.test_backups import PAUSED
from tools.charts.programs import Refused
from tools.charts.validate import complaints

MORE = {"name": "more", "image": "more:1", "resources": {"requests": {"cpu": "1m"}}}
ZONES = {"maxSkew": 2, "topologyKey": "topology.kubernetes.io/zone", "whenUnsatisfiable": "DoNotSchedule"}
OWN = {"labelSelector": {"matchLabels": {"mine": "1"}}}
KINDS = ("initContainers", "containers")


def with_media(folder: Path, **values: Any) -> Manifest:
    folder.mkdir(exist_ok=True)
    path = folder / "values.yaml"
    path.write_text(yaml.safe_dump({"media": values, "gateway": values}))
    return rendered("orrery", MINIMAL, path)


def test_containers_come_beside_those_of_the_chart(tmp_path: Path) -> None:
    manifest = with_media(tmp_path, extraContainers=[MORE], extraInitContainers=[{**MORE, "name": "first"}])

    assert complaints(manifest.text) == []
    names = {
        name: [[one["name"] for one in manifest.workload(f"orrery-{name}").spec[kind]] for kind in KINDS]
        for name in ("media", "gateway")
    }
    assert names == {"media": [["first", "schema"], ["media", "more"]], "gateway": [["first"], ["gateway", "more"]]}


def test_pods_are_spread_as_one_says_and_counted_by_their_track(tmp_path: Path) -> None:
    manifest = with_media(tmp_path, topologySpreadConstraints=[ZONES, {**ZONES, **OWN}])

    assert complaints(manifest.text) == []
    selector = manifest.one("Deployment", "orrery-media")["spec"]["selector"]
    found = manifest.workload("orrery-media").spec["topologySpreadConstraints"]
    assert found == [{**ZONES, "labelSelector": selector}, {**ZONES, **OWN}]
    without = with_media(tmp_path / "none", topologySpreadConstraints=[]).workload("orrery-media")
    assert "topologySpreadConstraints" not in without.spec


@pytest.mark.parametrize(
    ("sets", "strategy"),
    [
        (("media.strategy.type=Recreate",), {"type": "Recreate"}),
        (
            ("media.strategy.rollingUpdate.maxSurge=1",),
            {"type": "RollingUpdate", "rollingUpdate": {"maxUnavailable": 0, "maxSurge": 1}},
        ),
    ],
    ids=["recreate", "surge"],
)
def test_pods_are_replaced_as_one_says(sets: tuple[str, ...], strategy: Any) -> None:
    manifest = fleet(*sets)

    assert manifest.one("Deployment", "orrery-media")["spec"]["strategy"] == strategy
    assert complaints(manifest.text) == []


def test_pods_of_backups_have_annotations_of_their_own() -> None:
    sets = ("backup.podAnnotations.mesh=off", "global.podAnnotations.mesh=on")
    manifest = fleet(*PAUSED, *sets)

    for name in ("backup", "restore"):
        template = manifest.one("CronJob", f"orrery-{name}")["spec"]["jobTemplate"]["spec"]["template"]
        assert template["metadata"]["annotations"] == {"mesh": "off"}


@pytest.mark.parametrize(
    ("sets", "sentence"),
    [
        ((r"media.podLabels.app\.kubernetes\.io/name=mine",), "the chart sets app.kubernetes.io/name itself"),
        ((r"global.podLabels.orrery\.dev/track=red",), "the chart sets orrery.dev/track itself"),
        (
            ("admin.extraEnv[0].name=ORRERY_POSTGRES__URL", "admin.extraEnv[0].value=x"),
            "admin.extraEnv: the chart sets ORRERY_POSTGRES__URL itself",
        ),
    ],
    ids=["own", "all", "admin"],
)
def test_what_the_chart_stands_on_is_not_overwritten(sets: tuple[str, ...], sentence: str) -> None:
    with pytest.raises(Refused, match=re.escape(sentence)):
        fleet(*sets)
