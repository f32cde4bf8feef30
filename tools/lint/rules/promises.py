"""No unfinished work without its issue.

A note to oneself in a comment is a promise to nobody: eleven of them stood around a check of permissions that was
never written.
"""

import re
from collections.abc import Iterator

from tools.lint.rule import Offence, Rule
from tools.lint.sources import Tree

NAKED = re.compile(r"\b(TODO|FIXME)\b(?!\(#\d+\))")
ITSELF = ("tools/lint", "tests/tools/lint", "third_party")


def check(tree: Tree) -> Iterator[Offence]:
    for source in tree.texts:
        if not source.is_in(*ITSELF):
            for number, line in enumerate(source.lines, 1):
                if found := NAKED.search(line):
                    yield Offence(
                        source.path, number, f"{found[1]} without an issue; do it now, or write {found[1]}(#12)."
                    )


RULE = Rule("no-naked-promises", check)
