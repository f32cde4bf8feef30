"""What holds for every pod, whoever makes it."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from gateway.server import Patience
from tests.charts.expected import FLEET as DEPLOYABLES
from tests.charts.manifest import Manifest, Workload, alias, fleet, rendered, scenario_name, scenarios
from tests.charts.test_backups import TO_A_VOLUME
from tools.charts.programs import CHARTS
from tools.charts.render import Object

BOTH = [(chart, path) for chart, path in scenarios("orrery", "platform")]
EVERY = pytest.mark.parametrize(("chart", "values"), BOTH, ids=scenario_name)
FLEET = pytest.mark.parametrize("values", [path for _, path in scenarios("orrery")], ids=scenario_name)
AFTER_THE_DRAIN = 10
LEAVING = Patience().leaving_seconds
ALLOWED_VOLUMES = {"configMap", "csi", "downwardAPI", "emptyDir", "ephemeral", "persistentVolumeClaim", "projected"}
ALLOWED_VOLUMES |= {"secret"}


LOG_READER = "logs"  # a collector on each node, off unless it is asked for; pods' logs are root's there


def restricted(chart: str, values: Path) -> list[Workload]:
    return [one for one in rendered(chart, values).workloads if alias(one) != LOG_READER]


@EVERY
def test_pod_security_is_restricted(chart: str, values: Path) -> None:
    for workload in restricted(chart, values):
        pod = workload.spec.get("securityContext", {})
        for container in workload.containers:
            own = container["securityContext"]
            where = f"{workload.name}/{container['name']}"
            assert {**pod, **own}["runAsNonRoot"] is True, where
            assert {**pod, **own}["seccompProfile"] == {"type": "RuntimeDefault"}, where
            assert own["allowPrivilegeEscalation"] is False, where
            assert own["capabilities"] == {"drop": ["ALL"]}, where
            assert own["readOnlyRootFilesystem"] is True, where
            assert not own.get("privileged"), where


@EVERY
def test_no_pod_sees_its_node(chart: str, values: Path) -> None:
    for workload in restricted(chart, values):
        assert not {"hostNetwork", "hostPID", "hostIPC"} & {name for name, on in workload.spec.items() if on}
        kinds = {kind for volume in workload.spec.get("volumes", []) for kind in volume.keys() - {"name"}}
        assert kinds <= ALLOWED_VOLUMES, workload.name
        ports = [port for container in workload.containers for port in container.get("ports", [])]
        assert not [port for port in ports if "hostPort" in port], workload.name


def test_what_reads_the_logs_of_nodes_reads_nothing_else() -> None:
    off = fleet_of_platform("observability.logs.enabled=false")
    (reader,) = [
        one for one in fleet_of_platform("observability.logs.enabled=true").workloads if alias(one) == LOG_READER
    ]

    assert [one for one in off.workloads if alias(one) == LOG_READER] == []
    (container,) = reader.containers
    assert container["securityContext"]["capabilities"] == {"drop": ["ALL"]}
    assert container["securityContext"]["readOnlyRootFilesystem"] is True
    paths = {volume["name"]: volume["hostPath"]["path"] for volume in reader.spec["volumes"] if "hostPath" in volume}
    written = {mount["name"] for mount in container["volumeMounts"] if not mount.get("readOnly")}
    assert {paths[name] for name in paths.keys() - written} == {"/var/log/pods"}
    assert {paths[name] for name in written & paths.keys()} == {"/var/lib/orrery-logs"}, "where it has come to"


def fleet_of_platform(*sets: str) -> Manifest:
    return rendered("platform", CHARTS / "platform" / "ci" / "observability-values.yaml", sets=sets)


@EVERY
def test_every_container_says_what_it_needs(chart: str, values: Path) -> None:
    for workload in rendered(chart, values).workloads:
        for container in workload.containers:
            where = f"{workload.name}/{container['name']}"
            assert container["resources"]["requests"].keys() >= {"cpu", "memory"}, where
            assert "memory" in container["resources"]["limits"], where


@EVERY
def test_kubernetes_gives_no_variables_of_its_own(chart: str, values: Path) -> None:
    for workload in rendered(chart, values).workloads:
        assert workload.spec["enableServiceLinks"] is False, workload.name


@FLEET
def test_only_what_makes_secrets_has_a_token(values: Path) -> None:
    manifest = rendered("orrery", values)

    given = yaml.safe_load(values.read_text())
    asked = {f"orrery-{name}" for name, one in given.items() if wants_token(one)}
    with_token = [one for one in manifest.workloads if one.spec["automountServiceAccountToken"]]
    assert {one.name for one in with_token if not is_of_secrets(one)} == asked
    assert all(one["automountServiceAccountToken"] is False for one in manifest.of("ServiceAccount"))


@FLEET
def test_no_pod_is_the_namespaces_own_account(values: Path) -> None:
    """Whatever is bound to `default` by others would hold for the pod that has every password."""
    manifest = rendered("orrery", values)

    for workload in manifest.workloads:
        assert workload.spec["serviceAccountName"] in manifest.names("ServiceAccount"), workload.name


def test_the_operators_pods_are_one_account_or_one_that_is_brought() -> None:
    role = r"admin.serviceAccount.annotations.example\.com/role=reader"
    made = fleet(*TO_A_VOLUME, role)
    brought = fleet(*TO_A_VOLUME, "admin.serviceAccount.name=mine")

    own = {"admin", "migrate", "backup", "smoke"}
    for manifest, name in ((made, "orrery-admin"), (brought, "mine")):
        found = {alias(one) for one in manifest.workloads if one.spec["serviceAccountName"] == name}
        assert found == own
    assert made.one("ServiceAccount", "orrery-admin")["metadata"]["annotations"] == {"example.com/role": "reader"}
    assert "orrery-admin" not in brought.names("ServiceAccount")


def wants_token(given: Any) -> bool:
    return isinstance(given, dict) and bool(given.get("serviceAccount", {}).get("automountToken"))


def is_of_secrets(workload: Workload) -> bool:
    return bool(workload.spec["serviceAccountName"] == "orrery-secrets")


@FLEET
def test_what_makes_secrets_may_only_touch_these_names(values: Path) -> None:
    for role in rendered("orrery", values).of("Role"):
        for rule in role["rules"]:
            assert rule["apiGroups"] == [""]
            assert rule["resources"] == ["secrets"]
            assert rule.get("resourceNames") or rule["verbs"] == ["create"]
            assert set(rule["verbs"]) <= {"get", "create", "patch"}
    assert not rendered("orrery", values).of("ClusterRole", "ClusterRoleBinding")


@FLEET
def test_a_store_that_is_away_kills_no_pod(values: Path) -> None:
    """/readyz asks the parts, /healthz only whether the process runs."""
    for container in served(rendered("orrery", values)):
        assert container["readinessProbe"]["httpGet"]["path"] == "/readyz"
        assert container["livenessProbe"]["httpGet"]["path"] == "/healthz"
        assert container["startupProbe"]["httpGet"]["path"] == "/healthz"


@FLEET
def test_a_pod_leaves_its_callers_before_it_ends(values: Path) -> None:
    for workload in deployables(rendered("orrery", values)):
        (container,) = workload.spec["containers"]
        drain = next(one for one in container["env"] if one["name"] == "ORRERY_PROCESS__DRAIN_SECONDS")["value"]
        assert (
            workload.spec["terminationGracePeriodSeconds"] == before_the_end(container) + int(drain) + AFTER_THE_DRAIN
        )


@FLEET
def test_of_a_track_that_ends_the_gateways_leave_first(values: Path) -> None:
    """Its kept connections are served until they have been told to close."""
    waits = {one.name: before_the_end(served_by(one)) for one in deployables(rendered("orrery", values))}
    gateways = {seconds for name, seconds in waits.items() if "gateway" in name}
    others = {seconds for name, seconds in waits.items() if "gateway" not in name}

    assert min(gateways) >= 5
    assert min(others) > max(gateways) + LEAVING


def served_by(workload: Workload) -> Any:
    return workload.spec["containers"][0]


def before_the_end(container: Any) -> int:
    """Seconds from when a pod is told to go until its process is."""
    name, seconds = container["lifecycle"]["preStop"]["exec"]["command"]
    assert name == "sleep"
    return int(seconds)


@FLEET
def test_a_rolling_update_takes_no_pod_away_before_another_is_there(values: Path) -> None:
    for workload in deployables(rendered("orrery", values)):
        assert workload.owner["spec"]["strategy"]["rollingUpdate"]["maxUnavailable"] == 0


@FLEET
def test_pods_are_spread_over_zones_and_nodes(values: Path) -> None:
    for workload in deployables(rendered("orrery", values)):
        keys = {one["topologyKey"] for one in workload.spec["topologySpreadConstraints"]}
        assert keys == {"topology.kubernetes.io/zone", "kubernetes.io/hostname"}


@FLEET
def test_what_is_scaled_says_no_number_of_pods(values: Path) -> None:
    manifest = rendered("orrery", values)
    scalers = manifest.of("HorizontalPodAutoscaler", "ScaledObject")
    targets = [(one["spec"]["scaleTargetRef"]["kind"], one["spec"]["scaleTargetRef"]["name"]) for one in scalers]

    assert len(targets) == len(set(targets)), "scaled twice"
    for kind, name in targets:
        assert "replicas" not in manifest.one(kind, name)["spec"]
    owned = {one["spec"]["workloadRef"]["name"] for one in manifest.of("Rollout")}
    for one in manifest.of("Deployment", "Rollout"):
        target = (one["kind"], one["metadata"]["name"])
        is_owned = one["kind"] == "Deployment" and target[1] in owned
        assert ("replicas" in one["spec"]) != (target in targets or is_owned), target


def test_a_long_migration_makes_no_roll_out_fail() -> None:
    own = fleet("media.progressDeadlineSeconds=7200")

    assert {one.owner["spec"]["progressDeadlineSeconds"] for one in deployables(fleet())} == {3600}
    assert own.one("Deployment", "orrery-media")["spec"]["progressDeadlineSeconds"] == 7200
    under_argo = fleet("global.argoRollouts.enabled=true").one("Rollout", "orrery-gateway")
    assert under_argo["spec"]["progressDeadlineSeconds"] == 3600


def test_a_quota_on_cpu_can_be_kept_by_every_container() -> None:
    """A ResourceQuota on limits.cpu refuses a pod of which one container says none."""
    each = [f"{name}.{part}.limits.cpu=1" for name in DEPLOYABLES for part in ("resources", "schemaResources")]
    manifest = fleet(*each, "admin.resources.limits.cpu=1", "backup.resources.limits.cpu=1", *TO_A_VOLUME)

    for workload in manifest.workloads:
        for container in workload.containers:
            assert container["resources"]["limits"]["cpu"] == 1, f"{workload.name}/{container['name']}"


def deployables(manifest: Manifest) -> list[Workload]:
    """Those of the fleet itself, not the operators' pod."""
    return [one for one in manifest.workloads if one.owner["kind"] == "Deployment" and "orrery.dev/track" in one.labels]


def served(manifest: Manifest) -> list[Object]:
    return [container for workload in deployables(manifest) for container in workload.spec["containers"]]


def test_the_operators_pod_is_there() -> None:
    assert fleet().workload("orrery-admin").containers
