"""Alerts, runbooks, dashboards and the code's metrics fit together."""

import re

import pytest

from gateway.metrics import BUCKETS
from tests.observability import declared, foreign
from tests.observability.promql import Selector, grouped, selectors
from tests.observability.sources import ALERTS, PLATFORM, RUNBOOKS, UNITS, alert, dashboards, expressions, recordings

HEADINGS = ["What it means", "Who is hurt", "How to look", "How to mend", "How to silence"]
RECORDED = {rule["record"] for rule in recordings()}
PLACES = sorted(expressions())


def known(metric: str) -> frozenset[str] | None:
    """The labels that a metric has, None where nobody declares it; a recording rule's are whatever it keeps."""
    if metric in RECORDED:
        return foreign.TARGET | {"status"}
    own = declared.metrics().get(metric, foreign.METRICS.get(metric))
    return own | foreign.TARGET if own is not None else None


def test_the_code_declares_metrics() -> None:
    assert declared.metrics()["orrery_http_requests_total"] == {"method", "route", "status"}
    assert declared.metrics()["orrery_http_request_seconds_bucket"] == {"route", "le"}


def test_names_are_found_in_an_expression() -> None:
    expr = 'sum by (a) (rate(x_total{b=~"c|d",e!="f{g}"}[5m])) / on (h) group_left () (y > 14.4) unless z offset 1h'

    assert list(selectors(expr)) == [
        Selector("x_total", frozenset("be")),
        Selector("y", frozenset()),
        Selector("z", frozenset()),
    ]
    assert grouped(expr) == {"a", "h"}


@pytest.mark.parametrize("place", PLACES)
def test_every_metric_in_use_is_declared_with_the_labels_in_use(place: str) -> None:
    for expr in expressions()[place]:
        named = list(selectors(expr))
        assert named or expr.startswith("vector("), expr
        for one in named:
            labels = known(one.metric)
            assert labels is not None, f"{one.metric} is declared nowhere: {expr}"
            assert one.labels <= labels, f"{one.metric} has no label {set(one.labels - labels)}: {expr}"


@pytest.mark.parametrize("place", PLACES)
def test_what_is_grouped_by_is_a_label_of_a_metric_there(place: str) -> None:
    for expr in expressions()[place]:
        offered = set().union(*(known(one.metric) or () for one in selectors(expr)))
        made = set(re.findall(r'label_replace\([^"]*(?:"[^"]*"[^"]*)*?"(\w+)", "\$1"', expr))
        assert grouped(expr) <= offered | made, expr


def test_every_alert_has_a_runbook_and_cases_and_every_one_of_these_an_alert() -> None:
    assert {path.stem for path in RUNBOOKS.glob("*.md")} - {"README"} == set(ALERTS)
    assert {path.stem.removesuffix("_test") for path in UNITS.glob("*_test.yaml")} - {"recording"} == set(ALERTS)


@pytest.mark.parametrize("name", ALERTS)
def test_an_alert_says_how_bad_what_where_and_what_to_do(name: str) -> None:
    for rule in alert(name):
        assert rule["alert"] == name
        assert rule["labels"]["severity"] in ("page", "ticket")
        assert rule["labels"]["part_of"] == "orrery"
        said = rule["annotations"]
        assert said["summary"]
        assert len(said["description"]) > len(said["summary"]) / 2
        assert said["runbook_url"] == f"docs/runbooks/{name}.md"
        assert said["dashboard"].removeprefix("/d/") in dashboards()


@pytest.mark.parametrize("name", ALERTS)
def test_a_runbook_has_the_five_headings_and_says_how_to_silence(name: str) -> None:
    text = (RUNBOOKS / f"{name}.md").read_text()

    assert text.startswith(f"# {name}\n")
    assert re.findall(r"^## (.+)$", text, re.MULTILINE) == HEADINGS
    assert f"alertname={name}" in text
    for other in re.findall(r"\]\((\w+)\.md\)", text):
        assert other in ALERTS


def test_a_runbook_names_no_metric_that_is_declared_nowhere() -> None:
    for path in RUNBOOKS.glob("*.md"):
        for metric in re.findall(r"\borrery_[a-z_]+", path.read_text()):
            assert any(one.startswith(metric) for one in declared.metrics()), f"{path.name}: {metric}"


def test_the_bound_of_latency_is_a_bucket_and_the_schema_lists_them_all() -> None:
    slo = (PLATFORM / "recording" / "slo.yaml").read_text()
    buckets = [str(float(one)) for one in BUCKETS]

    assert set(re.findall(r'le="([^"]+)"', slo)) <= set(buckets)
    schema = (PLATFORM / "values.schema.json").read_text()
    listed = re.search(r'"latencySeconds": \{\s*"enum": \[([^\]]*)\]', schema)
    assert listed
    assert re.findall(r'"([^"]+)"', listed[1]) == buckets
