"""Who is told of which alert, asked of Alertmanager itself; and that no secret stands in a configuration."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.observability.programs import Program
from tests.observability.sources import ALERTS, PLATFORM, alert
from tests.observability.test_chart import one, rendered

PLAIN = PLATFORM / "alertmanager" / "alertmanager.yaml"
SECRETS = {"api_url", "routing_key", "service_key", "url", "token", "password"}


def keys(value: Any) -> set[str]:
    if isinstance(value, dict):
        return set(value) | {key for inner in value.values() for key in keys(inner)}
    return {key for inner in value for key in keys(inner)} if isinstance(value, list) else set()


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the chart renders for an Alertmanager without an operator."""
    path = tmp_path_factory.mktemp("alertmanager") / "alertmanager.yaml"
    path.write_text(
        one("ConfigMap", "-alertmanager", rendered(values="observability-plain"))["data"]["alertmanager.yaml"]
    )
    return path


def test_alertmanager_accepts_both_the_file_and_what_is_rendered(amtool: Program, config: Path) -> None:
    amtool("check-config", PLAIN)
    amtool("check-config", config)


@pytest.mark.parametrize("name", ALERTS)
def test_a_page_wakes_somebody_and_a_ticket_does_not(amtool: Program, config: Path, name: str) -> None:
    for rule in alert(name):
        labels = [f"{key}={value}" for key, value in rule["labels"].items()]
        told = amtool(
            "config", "routes", "test", f"--config.file={config}", f"alertname={name}", "namespace=orrery", *labels
        )
        assert told.strip() == rule["labels"]["severity"]


def test_alerts_of_others_are_left_to_others(amtool: Program, config: Path) -> None:
    told = amtool("config", "routes", "test", f"--config.file={config}", "alertname=Watchdog", "severity=page")

    assert told.strip() == "nobody"


def test_a_page_goes_to_pagerduty_and_slack_and_a_ticket_to_slack_alone(config: Path) -> None:
    receivers = {each["name"]: set(each) - {"name"} for each in yaml.safe_load(config.read_text())["receivers"]}

    assert receivers == {"nobody": set(), "page": {"pagerduty_configs", "slack_configs"}, "ticket": {"slack_configs"}}
    assert "#on-call" in config.read_text()


def test_no_configuration_holds_a_secret(config: Path) -> None:
    assert not keys(yaml.safe_load(config.read_text())) & SECRETS
    by_operator = one("AlertmanagerConfig", "-alerts", rendered(values="observability"))
    for receiver in by_operator["spec"]["receivers"]:
        for slack in receiver["slackConfigs"]:
            assert slack["apiURL"] == {"name": "alertmanager-receivers", "key": "slack-url"}
        for pager in receiver.get("pagerdutyConfigs", []):
            assert pager["routingKey"] == {"name": "alertmanager-receivers", "key": "pagerduty-routing-key"}


def test_both_forms_inhibit_the_same(config: Path) -> None:
    plain = yaml.safe_load(config.read_text())["inhibit_rules"]
    by_operator = one("AlertmanagerConfig", "-alerts", rendered(values="observability"))["spec"]["inhibitRules"]

    assert [each["equal"] for each in plain] == [each["equal"] for each in by_operator]
    assert len(plain) == 3
