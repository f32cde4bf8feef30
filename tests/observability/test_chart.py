"""What the chart makes of the files: the same by its own values, changed where a value says so, valid either way."""

import tempfile
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.observability.programs import Program
from tests.observability.sources import ALERTS, PLATFORM, alert, recordings
from tools.charts import render
from tools.charts.programs import Refused

Object = dict[str, Any]
OFF = "stores.enabled=false"


def rendered(values: str = "", given: Object | None = None) -> list[Object]:
    """The objects by settings, by one of the chart's own files of values, and by values given."""
    files = [PLATFORM / "ci" / f"{values}-values.yaml"] if values else []
    with tempfile.NamedTemporaryFile("w", suffix=".yaml") as own:
        yaml.safe_dump({"observability": given or {}}, own)
        own.flush()
        return render.render("platform", *files, Path(own.name), sets=[OFF])


def one(kind: str, name: str, objects: list[Object]) -> Object:
    [found] = [each for each in objects if each["kind"] == kind and each["metadata"]["name"].endswith(name)]
    return found


def rules(given: Object | None = None) -> list[Object]:
    made = one("PrometheusRule", "-rules", rendered(given={"rules": {"enabled": True, **(given or {})}}))
    return [rule for group in made["spec"]["groups"] for rule in group["rules"]]


def named(name: str, found: list[Object]) -> Object:
    return next(rule for rule in found if rule.get("alert") == name or rule.get("record") == name)


def test_nothing_is_installed_until_it_is_switched_on() -> None:
    assert rendered() == []


def test_the_chart_s_own_values_change_no_rule() -> None:
    assert rules() == [*recordings(), *(rule for name in ALERTS for rule in alert(name))]


def test_prometheus_accepts_what_is_rendered(promtool: Program, tmp_path: Path) -> None:
    made = one("PrometheusRule", "-rules", rendered(values="observability"))
    (tmp_path / "operator.yaml").write_text(yaml.safe_dump(made["spec"]))
    plain = one("ConfigMap", "-rules", rendered(values="observability-plain"))
    (tmp_path / "plain.yaml").write_text(plain["data"]["orrery.rules.yaml"])

    promtool("check", "rules", tmp_path / "operator.yaml", tmp_path / "plain.yaml")


def test_an_alert_takes_its_threshold_wait_and_severity_from_values() -> None:
    own = {"threshold": 300, "for": "9m", "severity": "ticket"}

    changed = named("OutboxLag", rules({"alerts": {"OutboxLag": own}}))

    assert changed["expr"] == "max by (namespace, job) (orrery_outbox_oldest_seconds) > 300"
    assert (changed["for"], changed["labels"]["severity"]) == ("9m", "ticket")


def test_certificates_that_last_shorter_are_told_of_later() -> None:
    """They are renewed with ten of thirty days left, which must not be an alert already."""
    made = [rule["expr"] for rule in rules({"certificateDays": 30}) if rule.get("alert") == "CertificateExpiring"]

    assert [expr.rpartition(" < ")[2] for expr in made] == ["7 * 86400", "1 * 86400"]


def test_an_alert_can_be_left_out() -> None:
    left = rules({"alerts": {"ConsumerLag": {"enabled": False}}})

    assert {rule["alert"] for rule in left if "alert" in rule} == set(ALERTS) - {"ConsumerLag"}


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"alerts": {"OutboxLagg": {"threshold": 3}}}, "there is no alert OutboxLagg"),
        ({"alerts": {"FleetDown": {"threshold": 3}}}, "FleetDown.threshold: this alert has none"),
        ({"alerts": {"LatencyBudgetBurning": {"threshold": 3}}}, "follow objectives"),
        ({"alerts": {"OutboxLag": {"treshold": 3}}}, "treshold"),
        ({"latencySeconds": "0.7"}, "latencySeconds"),
        ({"objectives": {"availability": 99.9}}, "availability"),
        ({"runbook": "https://docs.example.com"}, "runbook"),
    ],
)
def test_a_value_that_would_change_nothing_is_refused(given: Object, said: str) -> None:
    with pytest.raises(Refused, match=said):
        rules(given)


def test_objectives_and_bound_reach_every_recording_rule() -> None:
    own = {
        "objectives": {"availability": 0.9995, "latency": 0.95},
        "latencySeconds": "1.0",
        "uncountedRoutes": "/healthz",
    }

    found = rules(own)

    assert named("orrery:availability:objective", found)["expr"] == "vector(0.9995)"
    assert named("orrery:latency:objective", found)["expr"] == "vector(0.95)"
    text = "".join(rule["expr"] for rule in found if "record" in rule)
    assert text.count('le="1.0"') == 7
    assert 'le="0.5"' not in text
    assert "/readyz" not in text


def test_alerts_link_to_where_runbooks_and_dashboards_are() -> None:
    made = one("PrometheusRule", "-rules", rendered(values="observability"))
    said = next(
        rule["annotations"]
        for group in made["spec"]["groups"]
        for rule in group["rules"]
        if rule.get("alert") == "JobsOld"
    )

    assert said["runbook_url"] == "https://docs.example.com/orrery/runbooks/JobsOld.md"
    assert said["dashboard"] == "https://grafana.example.com/d/orrery-media"


def test_dashboards_carry_the_label_of_grafana_s_sidecar() -> None:
    made = [
        each for each in rendered(values="observability") if "grafana_dashboard" in each["metadata"].get("labels", {})
    ]

    assert len(made) == len(list((PLATFORM / "dashboards").glob("*.json")))
    assert all(each["metadata"]["namespace"] == "monitoring" for each in made)
    assert all(len(yaml.safe_dump(each)) < 900_000 for each in made)


def test_the_collector_is_restricted_and_the_log_reader_only_reads() -> None:
    objects = rendered(values="observability")
    pod = one("Deployment", "-collector", objects)["spec"]["template"]["spec"]
    reader = one("DaemonSet", "-logs", objects)["spec"]["template"]["spec"]
    [container], [reading] = pod["containers"], reader["containers"]

    assert pod["securityContext"]["runAsNonRoot"]
    for each in (container, reading):
        assert each["securityContext"]["capabilities"] == {"drop": ["ALL"]}
        assert each["securityContext"]["readOnlyRootFilesystem"]
    assert {mount["name"]: mount.get("readOnly") for mount in reading["volumeMounts"]}["pods"]
    assert not reader["automountServiceAccountToken"]


def test_values_reach_the_collectors() -> None:
    objects = rendered(values="observability")
    traces = yaml.safe_load(one("ConfigMap", "-collector", objects)["data"]["config.yaml"])
    logs = yaml.safe_load(one("ConfigMap", "-logs", objects)["data"]["config.yaml"])

    assert traces["exporters"]["otlp_grpc"]["endpoint"] == "jaeger-collector.tracing:4317"
    assert logs["receivers"]["file_log"]["include"] == [
        "/var/log/pods/orrery_*/*/*.log",
        "/var/log/pods/orrery-stores_*/*/*.log",
    ]


def test_a_collector_without_sampling_names_no_processor_that_is_not_there() -> None:
    made = yaml.safe_load(one("ConfigMap", "-collector", rendered(values="observability-plain"))["data"]["config.yaml"])

    assert made["service"]["pipelines"]["traces"]["processors"] == ["memory_limiter", "batch"]
    assert set(made["processors"]) == {"memory_limiter", "batch"}
    assert made["exporters"]["otlp_grpc"]["headers"] == {"authorization": "Bearer ${env:TEMPO_TOKEN}"}


@pytest.mark.parametrize("values", ["observability", "observability-plain"])
def test_every_part_of_a_pipeline_is_configured(values: str) -> None:
    configs = [
        yaml.safe_load(each["data"]["config.yaml"])
        for each in rendered(values=values)
        if each["kind"] == "ConfigMap" and "config.yaml" in each["data"]
    ]

    assert configs
    for config in configs:
        assert set(config["service"]["extensions"]) <= set(config["extensions"])
        for pipeline in config["service"]["pipelines"].values():
            for kind in ("receivers", "processors", "exporters"):
                assert set(pipeline[kind]) <= set(config[kind])
            assert pipeline["processors"][0] == "memory_limiter"
            assert pipeline["processors"][-1] == "batch"


def test_tail_sampling_by_several_collectors_is_refused() -> None:
    with pytest.raises(Refused, match="tail sampling needs all spans"):
        rendered(given={"collector": {"enabled": True, "replicas": 2}})


def test_a_change_of_its_configuration_starts_the_collector_anew() -> None:
    def annotation(share: int) -> str:
        given = {"collector": {"enabled": True, "sampling": {"sharePercent": share}}}
        pods = one("Deployment", "-collector", rendered(given=given))
        return str(pods["spec"]["template"]["metadata"]["annotations"]["checksum/config"])

    assert annotation(10) != annotation(50)


def test_rendering_twice_gives_the_same() -> None:
    assert rendered(values="observability") == rendered(values="observability")
