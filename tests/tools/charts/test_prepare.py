"""Charts are prepared beside the tree, once for each state of it."""

import shutil
from pathlib import Path

import pytest

from tools.charts import docs
from tools.charts.prepare import digest, prepared
from tools.charts.programs import CHARTS, environment


@pytest.fixture
def charts(tmp_path: Path) -> Path:
    shutil.copytree(CHARTS, tmp_path / "charts", ignore=shutil.ignore_patterns("Chart.lock", "*.tgz"))
    return tmp_path / "charts"


def test_a_prepared_chart_has_its_dependencies_and_the_tree_stays_as_it_is(charts: Path) -> None:
    place = prepared("orrery", charts)

    assert list((place / "charts").glob("service-*.tgz"))
    assert not list((charts / "orrery" / "charts").glob("*.tgz"))


def test_the_same_state_is_prepared_once_and_another_anew(charts: Path) -> None:
    before = prepared("orrery", charts)
    assert prepared("orrery", charts) == before

    (charts / "service" / "templates" / "another.yaml").write_text("{}\n")

    assert prepared("orrery", charts) != before


def test_what_helm_makes_is_no_state(charts: Path) -> None:
    before = digest(charts)
    (charts / "orrery" / "Chart.lock").write_text("made")
    (charts / "orrery" / "charts").mkdir(exist_ok=True)
    (charts / "orrery" / "charts" / "service-9.9.9.tgz").write_text("made")

    assert digest(charts) == before


def test_nobodys_own_helm_settings_count(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HELM_NAMESPACE", "mine")
    monkeypatch.setenv("KUBECONFIG", "/nowhere")

    assert not {"HELM_NAMESPACE", "KUBECONFIG"} & environment().keys()


def test_a_changed_comment_makes_a_readme_outdated(charts: Path) -> None:
    docs.write(charts)
    assert docs.outdated(charts) == []

    values = charts / "service" / "values.yaml"
    values.write_text(values.read_text().replace("# -- Whether it is installed.", "# -- Whether it is there."))

    assert docs.outdated(charts) == ["service"]
