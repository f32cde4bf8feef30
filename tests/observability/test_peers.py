"""Values for the charts beside ours: they parse, and fit what ours gives and wants."""

import re
from pathlib import Path
from typing import Any

import yaml

from tests.observability import foreign
from tests.observability.programs import Program
from tests.observability.sources import PLATFORM

PEERS = PLATFORM / "peers"
README = (PEERS / "README.md").read_text()


def values(name: str) -> Any:
    return yaml.safe_load((PEERS / f"{name}.yaml").read_text())


def test_each_file_is_listed_with_its_chart_and_version() -> None:
    for path in PEERS.glob("*.yaml"):
        assert f"`{path.name}`" in README


def test_prometheus_accepts_the_example_and_its_targets_get_every_label(promtool: Program, tmp_path: Path) -> None:
    config = values("prometheus")
    ours = config["scrape_configs"][0]
    for scrape in config["scrape_configs"]:
        scrape.pop("kubernetes_sd_configs", None)  # Debian's is built without; the rest is what can be wrong
        scrape.pop("tls_config", None)
        scrape.pop("authorization", None)
    (tmp_path / "prometheus.yml").write_text(yaml.safe_dump(config))

    promtool("check", "config", tmp_path / "prometheus.yml")

    given = {one["target_label"] for one in ours["relabel_configs"] if "target_label" in one}
    assert given >= {"job", "namespace", "pod", "fleet", "track"}
    assert given - {"__address__"} <= foreign.TARGET


def test_a_trace_leads_to_its_logs_and_a_log_to_its_trace() -> None:
    for found in (
        values("kube-prometheus-stack")["grafana"]["additionalDataSources"],
        values("grafana")["datasources"]["datasources.yaml"]["datasources"],
    ):
        by = {one["uid"]: one for one in found}
        assert {one["datasourceUid"] for one in by["loki"]["jsonData"]["derivedFields"]} == {"jaeger"}
        assert by["jaeger"]["jsonData"]["tracesToLogsV2"]["datasourceUid"] == "loki"


def test_grafana_looks_for_the_label_that_dashboards_carry() -> None:
    ours = yaml.safe_load((PLATFORM / "values.yaml").read_text())["observability"]["dashboards"]["labels"]

    for sidecar in (values("kube-prometheus-stack")["grafana"]["sidecar"], values("grafana")["sidecar"]):
        assert ours == {sidecar["dashboards"]["label"]: sidecar["dashboards"]["labelValue"]}


def test_what_is_kept_has_an_end() -> None:
    assert values("loki")["loki"]["limits_config"]["retention_period"]
    assert values("loki")["loki"]["compactor"]["retention_enabled"]
    assert values("kube-prometheus-stack")["prometheus"]["prometheusSpec"]["retention"]
    [backend] = values("jaeger")["userconfig"]["extensions"]["jaeger_storage"]["backends"].values()
    assert backend["badger"]["ttl"]["spans"]


def test_traces_are_kept_on_a_volume() -> None:
    jaeger = values("jaeger")
    [backend] = jaeger["userconfig"]["extensions"]["jaeger_storage"]["backends"].values()
    [mount] = jaeger["jaeger"]["extraVolumeMounts"]
    [volume] = jaeger["jaeger"]["extraVolumes"]
    [claim] = jaeger["extraObjects"]

    assert all(folder.startswith(mount["mountPath"] + "/") for folder in backend["badger"]["directories"].values())
    assert mount["name"] == volume["name"]
    assert volume["persistentVolumeClaim"]["claimName"] == claim["metadata"]["name"]


def test_the_guide_installs_the_versions_that_the_values_are_for() -> None:
    guide = Path("docs/guides/observability.md").read_text()

    for chart, version in re.findall(r"helm install \w+ (\S+) --version (\S+)", guide):
        assert re.search(rf"`{chart}`.*\| {re.escape(version)} \|", README), chart
    assert "helm install" in guide
    assert not re.search(r"helm install \w+ \S+ (?!--version)", guide)
