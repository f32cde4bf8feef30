"""A real Prometheus reads the whole fleet: rules and dashboards find what they look for."""

import re
import signal
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress

import pytest

from tests.e2e.people import Meet, eventually
from tests.observability.prometheus import Prometheus, watching
from tests.observability.promql import selectors
from tests.observability.sources import ALERTS, dashboards, expressions, queries, recordings
from tools.stack import throwaway
from tools.stack.errors import StackError
from tools.stack.install import apt
from tools.stack.layout import SETTINGS
from tools.stack.own_fleet import Fleet

# Without mutual TLS, as the local stack runs, there are no certificates to watch; and this fleet limits nobody.
UNSEEN = ("orrery_certificate_expires_timestamp_seconds", "orrery_certificate_files_unfit", "orrery_limited_total")
# Series that only what goes wrong, or changes, brings.
SELDOM = ('code!="OK"', 'code=~"INTERNAL', 'status=~"5.."', "orrery_rpc_client_retries_total", "ALERTS", "offset 2m")
# Services that answer nothing but their health so far.
SILENT = re.compile(r'orrery_rpc_server_\w+\{[^}]*job=~"(?:ai-inference|domain-data|control-plane)"')


@pytest.fixture(scope="module")
def prometheus(fleet: Fleet, meet: Meet) -> Iterator[Prometheus]:
    try:
        apt.ensure(SETTINGS["debian_prometheus"])
    except StackError as missing:
        pytest.skip(f"no Prometheus on this machine: {missing} {missing.advice}")
    targets = {one.name: f"127.0.0.1:{one.operations}" for one in fleet.told.layout.deployables}
    with throwaway.folder() as folder, watching(folder, targets) as found:
        person = meet()
        person.http.get("/api/media/videos").raise_for_status()
        assert person.http.get("/api/media/videos", headers={"authorization": "Bearer nonsense"}).is_client_error
        yield found


def remaining(ask: Callable[[], Iterable[str]]) -> list[str]:
    """What is left in the end of something that should become empty."""
    with suppress(AssertionError):
        eventually(lambda: not list(ask()), seconds=45)
    return sorted(ask())


def is_brought_about(expr: str) -> bool:
    """Whether what happens in these tests gives the expression a value."""
    return not SILENT.search(expr) and not any(one in expr for one in UNSEEN + SELDOM)


def test_every_process_is_scraped(prometheus: Prometheus, fleet: Fleet) -> None:
    def unseen() -> set[str]:
        return set(fleet.services) - {one["metric"]["job"] for one in prometheus.query('up{fleet!=""} == 1')}

    assert remaining(unseen) == []


def test_every_recording_rule_has_a_result(prometheus: Prometheus) -> None:
    def empty() -> list[str]:
        return [rule["record"] for rule in recordings() if not prometheus.query(rule["record"])]

    assert remaining(empty) == []


def test_prometheus_evaluates_every_rule_without_an_error(prometheus: Prometheus) -> None:
    def unwell() -> list[str]:
        found = [rule for group in prometheus.ask("rules")["groups"] for rule in group["rules"]]
        assert {rule["name"] for rule in found} >= set(ALERTS)
        return [f"{rule['name']}: {rule.get('lastError')}" for rule in found if rule["health"] != "ok"]

    assert remaining(unwell) == []


def test_the_fleet_exports_every_metric_of_ours_that_is_watched(prometheus: Prometheus) -> None:
    watched = {one.metric for found in expressions().values() for expr in found for one in selectors(expr)}

    def missing() -> set[str]:
        there = set(prometheus.ask("label/__name__/values"))
        return {name for name in watched if name.startswith("orrery_")} - there - set(UNSEEN)

    assert remaining(missing) == []


@pytest.mark.parametrize("uid", sorted(dashboards()))
def test_every_panel_of_a_dashboard_shows_something(prometheus: Prometheus, uid: str) -> None:
    shown = {title: expr for title, expr in queries(dashboards()[uid]) if is_brought_about(expr)}

    def empty() -> list[str]:
        return [title for title, expr in shown.items() if not prometheus.query(expr)]

    assert shown
    assert remaining(empty) == []


@pytest.mark.usefixtures("whole_again")
def test_a_process_that_is_killed_is_noticed(prometheus: Prometheus, fleet: Fleet) -> None:
    fleet.kill("control-plane", signal.SIGKILL)

    def pending() -> list[str]:
        return [
            one["labels"]["job"]
            for one in prometheus.ask("alerts")["alerts"]
            if one["labels"]["alertname"] == "TargetDown"
        ]

    assert eventually(lambda: "control-plane" in pending())
