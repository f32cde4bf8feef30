"""Every alert has a runbook.

An alert rang at three in the morning, was perfectly right, and whoever was woken by it had never heard of an outbox.
"""

from collections.abc import Iterator
from pathlib import Path

from tools.lint.rule import Offence, Rule
from tools.lint.sources import Tree

ALERTS, RUNBOOKS = Path("charts/platform/alerts"), Path("docs/runbooks")


def check(tree: Tree) -> Iterator[Offence]:
    alerts = {path.stem: path for path in tree.paths if path.parent == ALERTS and path.suffix == ".yaml"}
    runbooks = {path.stem: path for path in tree.paths if path.parent == RUNBOOKS and path.suffix == ".md"}
    for name in alerts.keys() - runbooks.keys():
        yield Offence(alerts[name], 1, f"the alert has no runbook; write {RUNBOOKS / name}.md.")


RULE = Rule("runbook-per-alert", check)
