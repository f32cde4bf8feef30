"""The gateway under Argo Rollouts."""

import pytest

from tests.charts.manifest import MINIMAL, fleet, selects
from tools.charts.programs import Refused
from tools.charts.render import text
from tools.charts.validate import complaints

ARGO = ("global.argoRollouts.enabled=true",)
ROUTE = (
    "global.argoRollouts.httpRoute=true",
    "gateway.httpRoute.enabled=true",
    "gateway.httpRoute.parentRefs[0].name=edge",
)
NAME = "orrery-gateway"


@pytest.mark.parametrize(
    "sets",
    [ARGO, (*ARGO, "global.argoRollouts.strategy=blueGreen"), (*ARGO, *ROUTE)],
    ids=["pods", "blueGreen", "route"],
)
def test_argo_would_take_it(sets: tuple[str, ...]) -> None:
    assert complaints(fleet(*sets).text) == []


def test_argo_takes_over_the_pods_of_the_deployment() -> None:
    manifest = fleet(*ARGO, "global.replicas=3")

    rollout = manifest.one("Rollout", NAME)["spec"]
    assert rollout["workloadRef"]["name"] == NAME
    assert rollout["replicas"] == 3
    assert "replicas" not in manifest.one("Deployment", NAME)["spec"], "Helm would scale what Argo scaled to none"


def test_an_autoscaler_scales_the_rollout() -> None:
    manifest = fleet(*ARGO, "global.autoscaling.enabled=true")

    target = manifest.one("HorizontalPodAutoscaler", NAME)["spec"]["scaleTargetRef"]
    assert (target["apiVersion"], target["kind"]) == ("argoproj.io/v1alpha1", "Rollout")
    assert "replicas" not in manifest.one("Rollout", NAME)["spec"]


def test_other_deployables_stay_deployments() -> None:
    assert fleet(*ARGO).names("Rollout") == {NAME}


def test_blue_green_shows_the_new_pods_until_somebody_promotes_them() -> None:
    manifest = fleet(*ARGO, "global.argoRollouts.strategy=blueGreen")

    strategy = manifest.one("Rollout", NAME)["spec"]["strategy"]["blueGreen"]
    assert strategy["autoPromotionEnabled"] is False
    pods = manifest.workload(NAME).labels
    for service in (strategy["activeService"], strategy["previewService"]):
        assert selects({"matchLabels": manifest.one("Service", service)["spec"]["selector"]}, pods)


def test_a_canary_by_route_weighs_two_services() -> None:
    manifest = fleet(*ARGO, *ROUTE)

    strategy = manifest.one("Rollout", NAME)["spec"]["strategy"]["canary"]
    (rule,) = manifest.one("HTTPRoute", NAME)["spec"]["rules"]
    backends = [one["name"] for one in rule["backendRefs"]]
    assert backends == [strategy["stableService"], strategy["canaryService"]]
    assert strategy["trafficRouting"]["plugins"]["argoproj-labs/gatewayAPI"]["httpRoute"] == NAME


def test_it_does_not_go_with_two_tracks() -> None:
    with pytest.raises(Refused, match="Argo Rollouts makes its own canaries"):
        text("orrery", MINIMAL, sets=(*ARGO, "global.tracks.green.enabled=true"))
