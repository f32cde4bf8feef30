"""Two tracks side by side: blue/green, canary, and what switching changes."""

from typing import Any

import pytest

from tests.charts.manifest import MINIMAL, Manifest, alias, environment, fleet, rendered, scenarios, selects

GREEN = ("global.tracks.green.enabled=true", "global.tracks.green.tag=v2")
TRACK = "orrery.dev/track"


def both(*sets: str) -> Manifest:
    return fleet(*GREEN, *sets)


def gateways(manifest: Manifest, service: str) -> dict[str, int]:
    """Pods behind a Service, by track."""
    selector = manifest.one("Service", service)["spec"]["selector"]
    return {
        one.labels[TRACK]: one.owner["spec"]["replicas"]
        for one in manifest.workloads
        if selects({"matchLabels": selector}, one.labels)
    }


def test_every_deployable_runs_once_for_each_track() -> None:
    names = {one.name for one in both().workloads if one.owner["kind"] == "Deployment"} - {"orrery-admin"}

    blue = {name for name in names if not name.endswith("-green")}
    assert names == blue | {f"{name}-green" for name in blue}


def test_a_track_calls_only_itself() -> None:
    for workload in both().workloads:
        if TRACK not in workload.labels or workload.owner["kind"] != "Deployment":
            continue
        is_green = workload.labels[TRACK] == "green"
        for container in workload.containers:
            told = environment(container)
            addresses = [value for name, value in told.items() if name.startswith("ORRERY_SERVICES__")]
            assert all((".fleet.svc." in one) and ("-green.fleet" in one) == is_green for one in addresses)
            assert container["image"].endswith(":v2" if is_green else ":dev"), workload.name


def test_a_track_that_is_not_active_is_a_preview() -> None:
    manifest = both()

    assert gateways(manifest, "orrery-gateway") == {"blue": 1}
    assert gateways(manifest, "orrery-gateway-green") == {"green": 1}
    assert gateways(manifest, "orrery-gateway-blue") == {"blue": 1}


def test_promoting_moves_the_public_service_and_changes_no_pod() -> None:
    before, after = both(), both("global.active=green")

    assert gateways(after, "orrery-gateway") == {"green": 1}
    changed = {key(one) for one in before.objects if one not in after.objects} - gone(before, after)
    follows = {("Service", "orrery-gateway"), ("Deployment", "orrery-admin"), ("Pod", "orrery-smoke")}
    follows |= {("CronJob", "orrery-certificates"), ("CronJob", "orrery-identity-keys")}
    assert ("Service", "orrery-gateway") in changed
    assert changed <= follows
    assert {kind for kind, _ in gone(before, after)} <= {"Job"}


def gone(before: Manifest, after: Manifest) -> set[tuple[str, str]]:
    return {key(one) for one in before.objects} - {key(one) for one in after.objects}


def key(one: Any) -> tuple[str, str]:
    return one["kind"], one["metadata"]["name"]


def test_going_back_is_the_same_change_backwards() -> None:
    assert both("global.active=blue").text == both().text


@pytest.mark.parametrize(
    ("replicas", "weight", "share"),
    [(1, 1, 1), (2, 10, 1), (2, 50, 2), (3, 25, 1), (9, 10, 1), (10, 10, 1), (10, 20, 3), (20, 10, 2), (4, 80, 16)],
)
def test_a_canary_by_pods_gets_its_share_and_one_at_least(replicas: int, weight: int, share: int) -> None:
    manifest = both(f"gateway.replicas={replicas}", f"global.canary.weight={weight}")

    assert gateways(manifest, "orrery-gateway") == {"blue": replicas, "green": share}


def test_only_the_gateway_is_shared_by_a_canary() -> None:
    manifest = both("global.canary.weight=10")

    for service in manifest.of("Service"):
        if service["metadata"]["name"] != "orrery-gateway":
            assert TRACK in service["spec"]["selector"]


@pytest.mark.parametrize(("active", "weights"), [("blue", (90, 10)), ("green", (10, 90))])
def test_a_canary_by_route_gives_the_route_weights(active: str, weights: tuple[int, int]) -> None:
    route = ("gateway.httpRoute.enabled=true", "gateway.httpRoute.parentRefs[0].name=edge")
    manifest = both(*route, "global.canary.weight=10", "global.canary.by=httpRoute", f"global.active={active}")

    (rule,) = manifest.one("HTTPRoute", "orrery-gateway")["spec"]["rules"]
    given = {one["name"]: one["weight"] for one in rule["backendRefs"]}
    assert given == {"orrery-gateway-blue": weights[0], "orrery-gateway-green": weights[1]}
    assert gateways(manifest, "orrery-gateway") == {active: 1}


SCALED = ("global.autoscaling.enabled=true", "global.autoscaling.minReplicas=10", "global.autoscaling.maxReplicas=40")


def scale(manifest: Manifest, name: str) -> tuple[int, int]:
    spec = manifest.one("HorizontalPodAutoscaler", name)["spec"]
    return spec["minReplicas"], spec["maxReplicas"]


@pytest.mark.parametrize(("weight", "bounds"), [(20, (3, 10)), (50, (10, 40)), (1, (1, 1))])
def test_a_canary_under_an_autoscaler_has_its_share_of_both_bounds(weight: int, bounds: tuple[int, int]) -> None:
    """At 50 it can take over what comes: it grows as far as the active track."""
    manifest = both(*SCALED, f"global.canary.weight={weight}")

    assert scale(manifest, "orrery-gateway-green") == bounds
    assert scale(manifest, "orrery-gateway") == (10, 40)


@pytest.mark.parametrize("more", [(), ("global.canary.weight=20",)], ids=["preview", "canary"])
def test_a_track_that_idles_is_brought_to_the_size_of_the_active_one(more: tuple[str, ...]) -> None:
    """By what the guide's command answers, whose last comma stays."""
    sizes = "global.tracks.green.minReplicas.gateway=31,global.tracks.green.minReplicas.media-worker=50,"
    manifest = both(*SCALED, *more, sizes)

    assert scale(manifest, "orrery-gateway-green")[0] == 31
    assert scale(manifest, "orrery-media-worker-green") == (50, 50)
    assert scale(manifest, "orrery-gateway") == scale(manifest, "orrery-media-worker") == (10, 40)
    lowered = both(*SCALED, *more, "global.tracks.green.minReplicas=null")
    assert lowered.text == both(*SCALED, *more).text


@pytest.mark.parametrize("name", ["orrery-media", "orrery-media-green", "orrery-audit"])
def test_keda_takes_over_the_autoscaler_that_was_there_before_it(name: str) -> None:
    """It refuses a second one for the same Deployment, and Helm would fail half-way."""
    before, after = both(*SCALED, "global.keda=never"), both(*SCALED, "global.keda=always")

    assert name in before.names("HorizontalPodAutoscaler") - after.names("HorizontalPodAutoscaler")
    made = after.one("ScaledObject", name)
    assert made["spec"]["advanced"]["horizontalPodAutoscalerConfig"]["name"] == name
    assert made["metadata"]["annotations"] == {"scaledobject.keda.sh/transfer-hpa-ownership": "true"}


def test_selectors_never_change() -> None:
    """Kubernetes refuses a Deployment whose selector changes: not from rolling to tracks, not by being promoted."""
    known: dict[str, Any] = {}
    shapes = [fleet(), both(), both("global.active=green"), both("global.canary.weight=10")]
    shapes += [rendered("orrery", path) for _, path in scenarios("orrery")]
    for manifest in shapes:
        for one in manifest.of("Deployment"):
            selector = one["spec"]["selector"]
            assert known.setdefault(one["metadata"]["name"], selector) == selector


def test_selectors_name_no_version() -> None:
    for one in both().of("Deployment"):
        assert set(one["spec"]["selector"]["matchLabels"]) <= {
            "app.kubernetes.io/name",
            "app.kubernetes.io/instance",
            "app.kubernetes.io/part-of",
            TRACK,
        }


def test_a_chart_without_changes_to_its_pods_replaces_none() -> None:
    """The chart's own version is no label of pods."""
    for workload in rendered("orrery", MINIMAL).workloads:
        if workload.owner["kind"] == "Pod":  # of the test
            continue
        assert not [name for name in workload.labels if name.startswith("helm.sh/")], alias(workload)


@pytest.mark.parametrize("sets", [(), (*GREEN, "global.canary.weight=25")], ids=["one-track", "canary"])
def test_a_deployable_at_no_pods_has_none(sets: tuple[str, ...]) -> None:
    """A restore wants a fleet that rests; 0 is no missing value."""
    manifest = fleet(*sets, "global.replicas=2", "gateway.replicas=0")

    assert set(gateways(manifest, "orrery-gateway").values()) == {0}
    assert manifest.one("Deployment", "orrery-audit")["spec"]["replicas"] == 2
