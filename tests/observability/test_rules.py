"""Each alert fires when it should, is silent when it should not, and ends: by Prometheus' own rule tests."""

import pytest
import yaml

from tests.observability.programs import Program
from tests.observability.sources import ALERTS, PLATFORM, UNITS, alert


@pytest.mark.parametrize("name", [*ALERTS, "recording"])
def test_the_rules_do_what_their_cases_say(promtool: Program, name: str) -> None:
    promtool("test", "rules", UNITS / f"{name}_test.yaml")


def test_prometheus_accepts_every_rules_file(promtool: Program) -> None:
    promtool("check", "rules", *PLATFORM.glob("recording/*.yaml"), *PLATFORM.glob("alerts/*.yaml"))


@pytest.mark.parametrize("name", ALERTS)
def test_every_rule_of_an_alert_is_seen_to_fire_and_to_be_silent(name: str) -> None:
    cases = [
        case
        for one in yaml.safe_load((UNITS / f"{name}_test.yaml").read_text())["tests"]
        for case in one["alert_rule_test"]
    ]
    fired = [dict(one["exp_labels"]) for case in cases for one in case.get("exp_alerts", [])]

    for rule in alert(name):
        assert any(rule["labels"].items() <= labels.items() for labels in fired), rule["expr"]
    assert any(not case["exp_alerts"] for case in cases)


def test_a_rule_that_is_never_right_fails_its_cases(
    promtool: Program, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("wrong")
    for place in ("charts/platform/alerts", "tests/observability/rules"):
        (folder / place).mkdir(parents=True)
    text = (PLATFORM / "alerts" / "OutboxLag.yaml").read_text()
    (folder / "charts/platform/alerts/OutboxLag.yaml").write_text(
        text.replace("orrery_outbox_oldest_seconds", "renamed")
    )
    unit = folder / "tests/observability/rules/OutboxLag_test.yaml"
    unit.write_text((UNITS / "OutboxLag_test.yaml").read_text())

    with pytest.raises(AssertionError, match="FAILED"):
        promtool("test", "rules", unit)
