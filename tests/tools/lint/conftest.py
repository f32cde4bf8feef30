"""A repository made of a few files, and what one rule says about it."""

from collections.abc import Callable
from pathlib import Path
from textwrap import dedent

import pytest

from tools.lint.rule import Rule
from tools.lint.sources import Tree

Report = Callable[[Rule, dict[str, str]], list[str]]


@pytest.fixture
def report(tmp_path: Path) -> Report:
    """The rule's lines over these files: path → text."""

    def over(rule: Rule, files: dict[str, str]) -> list[str]:
        for name, text in files.items():
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name).write_text(dedent(text))
        return rule.report(Tree(tmp_path, [Path(name) for name in files]))

    return over
