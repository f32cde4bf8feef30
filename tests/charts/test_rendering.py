"""Every values file that is supported: charts/*/ci/*-values.yaml."""

from copy import deepcopy
from pathlib import Path

import pytest
import yaml

from tests.charts.manifest import fleet, rendered, scenario_name, scenarios
from tools.charts import docs, render
from tools.charts.programs import CHARTS, Refused
from tools.charts.validate import complaints

EVERY = pytest.mark.parametrize(("chart", "values"), scenarios("orrery", "platform"), ids=scenario_name)


@EVERY
def test_a_cluster_would_take_every_object(chart: str, values: Path) -> None:
    assert complaints(rendered(chart, values).text) == []


@EVERY
def test_helm_finds_nothing_wrong(chart: str, values: Path) -> None:
    render.lint(chart, values)


@EVERY
def test_the_same_values_give_the_same_objects(chart: str, values: Path) -> None:
    assert render.text(chart, values) == render.text(chart, values)


@EVERY
def test_nothing_is_a_hook_but_tests(chart: str, values: Path) -> None:
    hooks = {
        one["metadata"]["name"]: one["metadata"]["annotations"]["helm.sh/hook"]
        for one in rendered(chart, values).objects
        if "helm.sh/hook" in one["metadata"].get("annotations", {})
    }

    assert set(hooks.values()) <= {"test"}


@EVERY
def test_no_two_objects_have_the_same_name(chart: str, values: Path) -> None:
    named = [(one["kind"], one["metadata"]["name"]) for one in rendered(chart, values).objects]

    assert len(named) == len(set(named))


@EVERY
def test_every_object_lies_in_the_namespace_of_the_release(chart: str, values: Path) -> None:
    """But dashboards, which can be sent to where Grafana looks for them."""
    named = [one["metadata"] for one in rendered(chart, values).objects if "namespace" in one["metadata"]]

    assert {one["namespace"] for one in named if "-dashboard-" not in one["name"]} <= {render.NAMESPACE}


@EVERY
def test_every_object_says_which_release_it_is_of(chart: str, values: Path) -> None:
    added = {one["kind"] for one in (yaml.safe_load(values.read_text()) or {}).get("extraObjects", [])}
    for one in rendered(chart, values).objects:
        if one["kind"] in added and "labels" not in one["metadata"]:
            continue
        labels = one["metadata"]["labels"]
        assert labels["app.kubernetes.io/instance"] == render.RELEASE, one["metadata"]["name"]
        assert labels["app.kubernetes.io/part-of"] == "orrery", one["metadata"]["name"]


COMMON = ("global.commonLabels.team=video", "global.commonAnnotations.example\\.com/cost=shared")
WAYS = ("production", "keda", "argo-rollouts", "ingress", "paused")


@pytest.mark.parametrize("way", WAYS)
def test_labels_of_everything_are_on_every_object_and_on_no_pod(way: str) -> None:
    values = CHARTS / "orrery" / "ci" / f"{way}-values.yaml"
    before, after = rendered("orrery", values), rendered("orrery", values, sets=COMMON)

    made = deepcopy(after.objects)
    for one in made:
        if one["metadata"]["name"] == "orrery-more":  # of extraObjects
            continue
        labels, annotations = one["metadata"]["labels"], one["metadata"]["annotations"]
        assert labels.pop("team") == "video", one["metadata"]["name"]
        assert annotations.pop("example.com/cost") == "shared", one["metadata"]["name"]
        if not annotations:
            one["metadata"].pop("annotations")
    assert made == before.objects, "selectors, pods and names stay"


def test_a_workload_has_annotations_of_its_own() -> None:
    sets = (*COMMON, r"media.annotations.example\.com/cost=own", r"gateway.annotations.example\.com/cost=edge")
    manifest = rendered("orrery", CHARTS / "orrery" / "ci" / "argo-rollouts-values.yaml", sets=sets)

    for kind, name, cost in (
        ("Deployment", "media", "own"),
        ("Deployment", "audit", "shared"),
        ("Rollout", "gateway", "edge"),
    ):
        assert manifest.one(kind, f"orrery-{name}")["metadata"]["annotations"] == {"example.com/cost": cost}


def test_labels_that_objects_are_found_by_are_no_common_ones() -> None:
    with pytest.raises(Refused, match=r"commonLabels: the chart sets app\.kubernetes\.io/instance itself"):
        fleet(r"global.commonLabels.app\.kubernetes\.io/instance=mine")


def test_the_readmes_are_what_the_comments_say() -> None:
    assert docs.outdated() == []
