"""Dashboards are what their generator makes, and Grafana and Prometheus can read them."""

from pathlib import Path

import pytest
import yaml

from tests.observability.programs import Program
from tests.observability.sources import dashboards, queries
from tools.dashboards.__main__ import FOLDER, text
from tools.dashboards.boards import boards
from tools.stack import layout

UNITS = {"none", "s", "bytes", "ops", "reqps", "percentunit"}


def test_the_files_are_what_make_dashboards_writes() -> None:
    assert {path.name: path.read_text() for path in FOLDER.glob("*.json")} == {
        f"{one.uid}.json": text(one) for one in boards().values()
    }


def test_every_service_has_a_dashboard_that_shows_its_worker_too() -> None:
    for one in layout.load({}).deployables:
        board = dashboards()[f"orrery-{one.name.removesuffix('-worker')}"]
        assert any(one.name in expr for _, expr in queries(board)), one.name


def test_prometheus_can_parse_every_query(promtool: Program, tmp_path: Path) -> None:
    exprs = [expr for board in dashboards().values() for _, expr in queries(board)]
    rules = [{"record": f"panel:{number}", "expr": expr} for number, expr in enumerate(exprs)]
    (tmp_path / "panels.yaml").write_text(yaml.safe_dump({"groups": [{"name": "panels", "rules": rules}]}))

    said = promtool("check", "rules", "--lint=none", tmp_path / "panels.yaml")

    assert f"{len(exprs)} rules found" in said


@pytest.mark.parametrize("uid", sorted(dashboards()))
def test_a_dashboard_is_whole(uid: str) -> None:
    board = dashboards()[uid]
    panels = [one for one in board["panels"] if one["type"] != "row"]

    assert {one["name"] for one in board["templating"]["list"]} == {"datasource", "logs", "namespace"}
    assert len({one["id"] for one in board["panels"]}) == len(board["panels"])
    assert all(one["datasource"]["uid"] in ("${datasource}", "${logs}") for one in panels)
    assert all(one["fieldConfig"]["defaults"]["unit"] in UNITS for one in panels if one["type"] != "logs")
    assert len({one["title"] for one in panels}) == len(panels)


@pytest.mark.parametrize("uid", sorted(dashboards()))
def test_panels_do_not_lie_on_one_another(uid: str) -> None:
    taken: set[tuple[int, int]] = set()
    for panel in dashboards()[uid]["panels"]:
        place = panel["gridPos"]
        cells = {
            (x, y)
            for x in range(place["x"], place["x"] + place["w"])
            for y in range(place["y"], place["y"] + place["h"])
        }
        assert not cells & taken, panel["title"]
        assert max(x for x, _ in cells) < 24
        taken |= cells
