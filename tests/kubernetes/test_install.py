"""An empty namespace, two commands, and the main job runs."""

import json
from typing import Any

import pytest
import yaml

from tests.kubernetes.installation import DEPLOYABLES, RELEASE, STORES, VALUES, Installation
from tests.kubernetes.kubectl import Refused, is_ready, run
from tools.charts.prepare import prepared


def test_each_deployable_and_each_store_is_ready(installation: Installation) -> None:
    for name in DEPLOYABLES:
        assert any(is_ready(pod) for pod in installation.pods(name)), name
    for name in STORES:
        assert is_ready(installation.namespace.get("pod", f"platform-{name}-0")), name


def test_the_main_job_runs_inside_the_cluster(installation: Installation) -> None:
    said = installation.namespace.helm("test", RELEASE, "--logs", "--timeout", "5m")

    assert "Phase:          Succeeded" in said, said


def test_rendering_twice_gives_the_same_and_what_stands(installation: Installation) -> None:
    server = json.loads(run("kubectl", "version", "-o", "json"))["serverVersion"]["gitVersion"]
    sets = [part for name, value in installation.values.items() for part in ("--set", f"{name}={value}")]
    render = ("template", RELEASE, str(prepared("orrery")), *VALUES, *sets, "--kube-version", server, "--no-hooks")

    first, second = (installation.namespace.helm(*render) for _ in range(2))

    assert first == second
    assert objects(first) == objects(installation.namespace.helm("get", "manifest", RELEASE))


def test_secrets_stay_through_an_upgrade(installation: Installation) -> None:
    before = {one["metadata"]["name"]: one["data"] for one in secrets(installation)}

    installation.upgrade({"global.podAnnotations.trial": "secrets"})

    assert {one["metadata"]["name"]: one["data"] for one in secrets(installation)} == before
    assert before


def objects(manifest: str) -> dict[tuple[str, str], Any]:
    """The manifest's objects by kind and name."""
    found = [one for one in yaml.safe_load_all(manifest) if one]
    return {(one["kind"], one["metadata"]["name"]): one for one in found}


def secrets(installation: Installation) -> list[dict[str, dict[str, str]]]:
    found = installation.namespace.all("secrets")
    return [one for one in found if one["type"] != "helm.sh/release.v1"]


@pytest.mark.parametrize(
    ("mistyped", "named"),
    [
        ("global.tracks.blu.tag=next", "blu"),
        ("gateway.replica=3", "replica"),
        ("global.canary.weight=lots", "weight"),
        ("auth.resources.limits.memry=1Gi", "memry"),
    ],
)
def test_a_mistyped_value_is_refused_by_name(installation: Installation, mistyped: str, named: str) -> None:
    before = installation.revision

    with pytest.raises(Refused, match=named):
        installation.namespace.helm("upgrade", RELEASE, str(prepared("orrery")), *VALUES, "--set", mistyped)

    assert installation.revision == before
