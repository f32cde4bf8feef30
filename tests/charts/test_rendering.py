"""Every values file that is supported: charts/*/ci/*-values.yaml."""

from pathlib import Path

import pytest
import yaml

from tests.charts.manifest import rendered, scenario_name, scenarios
from tools.charts import docs, render
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


def test_the_readmes_are_what_the_comments_say() -> None:
    assert docs.outdated() == []
