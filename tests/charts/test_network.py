"""NetworkPolicies: all is denied but the declared edges, each allowed on both of its ends.

Whether a cluster then keeps to them is tests/kubernetes/test_network.py's.
"""

from collections.abc import Iterator
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Any

import pytest

from tests.charts.expected import FLEET, STORES, calls
from tests.charts.manifest import Manifest, alias, fleet, rendered, scenario_name, scenarios, selects

Rule = dict[str, Any]
GRPC, HTTP, OPERATIONS = 7100, 8080, 7200
DNS = {53, 5353}  # of its Service, and of its pods
KEPT_APART = pytest.mark.parametrize(
    "values",
    [path for _, path in scenarios("orrery") if "networkPolicy: {enabled: false" not in path.read_text()],
    ids=scenario_name,
)


def policies(manifest: Manifest, workload: str, way: str) -> Iterator[Rule]:
    """The rules of one way (ingress, egress) that apply to the pods of a workload."""
    labels = manifest.workload(workload).labels
    for policy in manifest.of("NetworkPolicy"):
        if selects(policy["spec"]["podSelector"], labels):
            yield from policy["spec"].get(way) or []


def ports(rule: Rule) -> set[int]:
    return {port["port"] for port in rule["ports"] if port["protocol"] == "TCP"}


def edges(manifest: Manifest, port: int) -> tuple[set[tuple[str, str]], set[tuple[str, str]]]:
    """(who may go where, who lets whom in) on a port, between deployables."""
    going, let_in = set(), set()
    for workload in manifest.workloads:
        own = alias(workload)
        going |= {(own, to) for rule in policies(manifest, workload.name, "egress") for to in peers(rule, port, "to")}
        let_in |= {
            (by, own) for rule in policies(manifest, workload.name, "ingress") for by in peers(rule, port, "from")
        }
    return going, let_in


def peers(rule: Rule, port: int, side: str) -> set[str]:
    if port not in ports(rule):
        return set()
    named = [peer["podSelector"]["matchLabels"] for peer in rule.get(side, []) if "podSelector" in peer]
    return {labels["app.kubernetes.io/name"] for labels in named}


@KEPT_APART
def test_every_pod_is_denied_all_that_is_not_declared(values: Path) -> None:
    manifest = rendered("orrery", values)

    for workload in manifest.workloads:
        applying = [one for one in manifest.of("NetworkPolicy") if selects(one["spec"]["podSelector"], workload.labels)]
        assert {way for one in applying for way in one["spec"]["policyTypes"]} == {"Ingress", "Egress"}, workload.name


@KEPT_APART
def test_calls_go_only_where_the_settings_of_the_caller_say(values: Path) -> None:
    manifest = rendered("orrery", values)
    there = {alias(one) for one in manifest.workloads}
    going, let_in = edges(manifest, GRPC)

    assert going == {edge for edge in calls() if edge[0] in there}
    assert let_in == {edge for edge in calls() if edge[1] in there}


@KEPT_APART
def test_whoever_may_go_to_the_gateway_is_let_in(values: Path) -> None:
    manifest = rendered("orrery", values)
    going, _ = edges(manifest, HTTP)
    rules = [rule for rule in policies(manifest, "orrery-gateway", "ingress") if HTTP in ports(rule)]

    assert going, "nobody tests the gateway"
    for caller, target in going:
        assert target == "gateway"
        assert any("from" not in rule or caller in peers(rule, HTTP, "from") for rule in rules), caller


@KEPT_APART
def test_a_policy_means_pods_that_are_there(values: Path) -> None:
    manifest = rendered("orrery", values)

    for policy in manifest.of("NetworkPolicy"):
        assert any(selects(policy["spec"]["podSelector"], one.labels) for one in manifest.workloads), policy["metadata"]


@pytest.mark.parametrize("name", FLEET)
def test_a_deployable_reaches_the_stores_that_it_needs_and_no_others(name: str) -> None:
    manifest = fleet()
    wanted = {STORES[need] for need in FLEET[name].needs if need in STORES}

    reached = set().union(*(ports(rule) for rule in policies(manifest, f"orrery-{name}", "egress")))
    internet = {443} if name == "auth" else set()  # issuers of single sign-on, platforms, the vault
    called = {GRPC} if any(caller == name for caller, _ in calls()) else set()
    assert reached == wanted | internet | called | DNS


@pytest.mark.parametrize("name", FLEET)
def test_metrics_are_for_prometheus_alone(name: str) -> None:
    rules = [rule for rule in policies(fleet(), f"orrery-{name}", "ingress") if OPERATIONS in ports(rule)]

    (rule,) = rules
    assert ports(rule) == {OPERATIONS}
    assert {"app.kubernetes.io/name": "prometheus"} in [one["podSelector"]["matchLabels"] for one in rule["from"]]


def test_stores_can_be_told_by_address() -> None:
    """A block of addresses for each store closes the rule that is open to everybody on its port."""
    sets = (f"global.networkPolicy.postgres[0].ipBlock.cidr={(address := '10.20.0.0/24')}",)
    rules = [rule for rule in policies(fleet(*sets), "orrery-audit", "egress") if 5432 in ports(rule)]

    assert [rule["to"] for rule in rules] == [[{"ipBlock": {"cidr": address}}]]


@pytest.mark.parametrize(
    ("address", "is_let_go"),
    [
        ("203.0.113.1", True),
        ("2001:db8::1", True),
        ("10.0.0.1", False),
        ("169.254.169.254", False),
        ("fd00:ec2::254", False),
        ("fe80::1", False),
    ],
)
def test_the_internet_is_of_both_families_and_has_no_private_network_in_it(address: str, is_let_go: bool) -> None:
    (rule,) = [rule for rule in policies(fleet(), "orrery-auth", "egress") if 443 in ports(rule)]
    place = ip_address(address)

    blocks = [peer["ipBlock"] for peer in rule["to"]]
    meant = [one for one in blocks if place in ip_network(one["cidr"])]
    assert is_let_go == any(all(place not in ip_network(but) for but in one["except"]) for one in meant)
    for one in blocks:
        assert all(ip_network(but).subnet_of(ip_network(one["cidr"])) for but in one["except"])  # type: ignore[arg-type]  # of another family it raises


def test_callers_of_the_gateway_can_be_named_and_its_own_tests_still_come_in() -> None:
    named = "global.networkPolicy.clients[0].namespaceSelector.matchLabels.name=ingress"
    manifest = fleet(named)

    rules = [rule for rule in policies(manifest, "orrery-gateway", "ingress") if HTTP in ports(rule)]
    assert all("from" in rule for rule in rules)
    going, _ = edges(manifest, HTTP)
    let_in = set().union(*(peers(rule, HTTP, "from") for rule in rules))
    assert {caller for caller, _ in going} <= let_in


@pytest.mark.parametrize(
    ("part", "reached"),
    [("migrate", {5432}), ("admin", {5432, 6379, 7070, 9092, HTTP}), ("smoke", {7070, HTTP}), ("secrets", {443, 6443})],
)
def test_a_job_reaches_what_it_works_on(part: str, reached: set[int]) -> None:
    manifest = fleet()
    names = [one.name for one in manifest.workloads if alias(one) == part]

    assert names
    for name in names:
        assert set().union(*(ports(rule) for rule in policies(manifest, name, "egress"))) == DNS | reached


@pytest.mark.parametrize(
    ("endpoint", "port"),
    [
        ("https://10.0.0.5", 443),
        ("https://s3-eu1", 443),
        ("http://minio1", 80),
        ("https://[fd00::1]", 443),
        ("https://[fd00::1]:9000", 9000),
        ("https://h:9000/x", 9000),
        ("https://h/x:77", 443),
    ],
)
def test_the_port_of_an_address_is_never_a_part_of_its_host(endpoint: str, port: int) -> None:
    manifest = fleet(f"global.s3.endpoint={endpoint}", f"global.telemetry.otlpEndpoint={endpoint}")

    reached = set().union(*(ports(rule) for rule in policies(manifest, "orrery-media-worker", "egress")))
    assert reached == DNS | {5432, port}
    reached = set().union(*(ports(rule) for rule in policies(manifest, "orrery-smoke", "egress")))
    assert reached == DNS | {HTTP, port}
