"""Services, budgets and policies mean the pods that they should."""

from pathlib import Path

import pytest

from tests.charts.manifest import Manifest, Workload, rendered, scenario_name, scenarios, selects

EVERY = pytest.mark.parametrize(("chart", "values"), scenarios("orrery", "platform"), ids=scenario_name)


def chosen(manifest: Manifest, selector: dict[str, object]) -> list[Workload]:
    return [one for one in manifest.workloads if selects(selector, one.labels)]


@EVERY
def test_every_service_leads_to_pods_that_have_its_ports(chart: str, values: Path) -> None:
    manifest = rendered(chart, values)

    for service in manifest.of("Service"):
        found = chosen(manifest, {"matchLabels": service["spec"]["selector"]})
        assert found, service["metadata"]["name"]
        for workload in found:
            ports = {
                port["name"]: port["containerPort"] for one in workload.containers for port in one.get("ports", [])
            }
            for port in service["spec"]["ports"]:
                target = port.get("targetPort", port["port"])
                assert target in ports or target in ports.values(), service["metadata"]["name"]


@EVERY
def test_a_workload_selects_its_own_pods_and_no_others(chart: str, values: Path) -> None:
    manifest = rendered(chart, values)

    for owner in manifest.of("Deployment", "StatefulSet", "DaemonSet"):
        found = chosen(manifest, owner["spec"]["selector"])
        assert [one.name for one in found] == [owner["metadata"]["name"]]


@EVERY
def test_a_disruption_budget_is_of_one_workload(chart: str, values: Path) -> None:
    manifest = rendered(chart, values)

    for budget in manifest.of("PodDisruptionBudget"):
        found = chosen(manifest, budget["spec"]["selector"])
        assert [one.name for one in found] == [budget["metadata"]["name"]]
        assert budget["spec"]["maxUnavailable"], "a drain would wait for ever"


@pytest.mark.parametrize("values", [path for _, path in scenarios("orrery")], ids=scenario_name)
def test_every_deployable_has_a_budget_and_can_be_measured(values: Path) -> None:
    manifest = rendered("orrery", values)
    names = {one.name for one in manifest.workloads if "orrery.dev/track" in one.labels and is_lasting(one)}

    assert manifest.names("PodDisruptionBudget") == names
    measured = [
        one for one in manifest.of("Service") if "operations" in {port["name"] for port in one["spec"]["ports"]}
    ]
    found = {one.name for service in measured for one in chosen(manifest, {"matchLabels": service["spec"]["selector"]})}
    assert found == names


def is_lasting(workload: Workload) -> bool:
    return bool(workload.owner["kind"] == "Deployment")


@EVERY
def test_a_monitor_finds_a_service(chart: str, values: Path) -> None:
    manifest = rendered(chart, values)

    for monitor in manifest.of("ServiceMonitor"):
        found = [
            one for one in manifest.of("Service") if selects(monitor["spec"]["selector"], one["metadata"]["labels"])
        ]
        ports = {port["name"] for one in found for port in one["spec"]["ports"]}
        assert {one["port"] for one in monitor["spec"]["endpoints"]} <= ports, monitor["metadata"]["name"]
