"""Going over to autoscaling, or back, takes no running Deployment's `replicas` away."""

from itertools import pairwise
from typing import Any

import pytest

from tests.charts.manifest import Manifest, fleet
from tools.charts.render import Object

# What docs/guides/kubernetes/operations.md says, upgrade by upgrade.
GREEN = ("global.tracks.green.enabled=true", "global.tracks.green.tag=dev")
OWN = (*GREEN, "global.tracks.green.autoscaling=true")
PROMOTED = (*OWN, "global.active=green")
DONE = (*GREEN, "global.active=green", "global.tracks.blue.enabled=false", "global.autoscaling.enabled=true")


def deployments(manifest: Manifest) -> dict[str, Any]:
    return {one["metadata"]["name"]: one["spec"] for one in manifest.of("Deployment")}


def lost(before: Manifest, after: Manifest) -> set[str]:
    """Deployments whose `replicas` Helm removes, which Kubernetes reads as 1."""
    old, new = deployments(before), deployments(after)
    return {name for name in old.keys() & new.keys() if "replicas" in old[name] and "replicas" not in new[name]}


def scalers(manifest: Manifest, track: str) -> dict[str, Object]:
    found = manifest.of("HorizontalPodAutoscaler")
    return {one["metadata"]["name"]: one for one in found if one["metadata"]["labels"]["orrery.dev/track"] == track}


def test_turning_it_on_for_pods_that_run_takes_replicas_away() -> None:
    """Why there is another way."""
    assert "orrery-gateway" in lost(fleet(), fleet("global.autoscaling.enabled=true"))


def test_going_over_by_the_other_track_takes_no_replicas_away() -> None:
    steps = [fleet(*sets) for sets in ((), OWN, PROMOTED, DONE)]

    assert [lost(before, after) for before, after in pairwise(steps)] == [set()] * 3


def test_a_track_scales_for_itself_and_leaves_the_other_as_it_was() -> None:
    before, after = deployments(fleet()), deployments(fleet(*OWN))

    assert {name: after[name] for name in before} == before
    assert scalers(fleet(*OWN), "blue") == {}
    assert scalers(fleet(*OWN), "green").keys() >= {"orrery-gateway-green", "orrery-media-green"}
    assert "replicas" not in after["orrery-gateway-green"]


def test_the_last_step_changes_nothing_of_the_track_that_serves() -> None:
    before, after = fleet(*PROMOTED), fleet(*DONE)

    green = {name: spec for name, spec in deployments(before).items() if name.endswith("-green")}
    assert len(green) > 5
    assert {name: deployments(after)[name] for name in green} == green
    assert scalers(after, "green") == scalers(before, "green")


@pytest.mark.parametrize(
    ("sets", "is_scaled"),
    [
        (("global.autoscaling.enabled=true",), True),
        (("global.autoscaling.enabled=true", "global.tracks.blue.autoscaling=false"), False),
        (("global.tracks.blue.autoscaling=true",), True),
        (("global.tracks.blue.autoscaling=true", "gateway.autoscaling.enabled=false"), False),
        (("gateway.autoscaling.enabled=true", "global.tracks.blue.autoscaling=false"), True),
    ],
    ids=["fleet", "track over fleet", "track", "deployable over track", "deployable"],
)
def test_the_nearest_word_decides(sets: tuple[str, ...], is_scaled: bool) -> None:
    manifest = fleet(*sets)

    assert ("orrery-gateway" in scalers(manifest, "blue")) is is_scaled
    assert ("replicas" not in deployments(manifest)["orrery-gateway"]) is is_scaled


def test_kedas_login_is_there_where_one_track_alone_scales_by_lag() -> None:
    login = ("global.kafka.protocol=SASL_SSL", "global.kafka.existingSecret=kafka", "global.keda=always")

    manifest = fleet(*OWN, *login)

    assert manifest.names("ScaledObject") == {"orrery-media-green", "orrery-audit-green"}
    assert manifest.names("TriggerAuthentication") == {"orrery-media", "orrery-audit"}
    assert fleet(*login).names("TriggerAuthentication") == set()
