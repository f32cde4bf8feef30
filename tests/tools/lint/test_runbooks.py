from tests.tools.lint.conftest import Report
from tools.lint.rules.runbooks import RULE


def test_an_alert_without_a_runbook_is_refused(report: Report) -> None:
    lines = report(RULE, {"charts/platform/alerts/OutboxStuck.yaml": ""})

    assert len(lines) == 1
    assert lines[0].endswith("the alert has no runbook; write docs/runbooks/OutboxStuck.md.")


def test_an_alert_with_its_runbook_is_fine(report: Report) -> None:
    assert report(RULE, {"charts/platform/alerts/OutboxStuck.yaml": "", "docs/runbooks/OutboxStuck.md": ""}) == []
