"""Every ignored finding says which one, and why.

A bare `# noqa` written for a long line went on to hide the unused result of the call that was put there later.
"""

import re
from collections.abc import Iterator

from tools.lint.rule import Offence, Rule
from tools.lint.sources import Tree

NOQA = re.compile(r"#\s*(?:ruff:\s*)?noqa\b(?P<codes>:\s*[A-Z]+\d+(?:,\s*[A-Z]+\d+)*)?(?P<rest>.*)", re.IGNORECASE)
MYPY = re.compile(r"#\s*type:\s*ignore(?P<codes>\[[a-z0-9, -]+\])?(?P<rest>.*)")
REASON = re.compile(r"(?:#|—|\()\s*(?!noqa|type:)\w")


def check(tree: Tree) -> Iterator[Offence]:
    for source in tree.python:
        for line, comment in source.comments:
            for pattern in (NOQA, MYPY):
                if found := pattern.search(comment):
                    yield from (Offence(source.path, line, sentence) for sentence in missing(found))


def missing(found: re.Match[str]) -> Iterator[str]:
    if not found["codes"]:
        yield "name the code that is ignored: `# noqa: S608` or `# type: ignore[operator]`."
    elif not REASON.search(found["rest"]):
        yield "give the reason after the code: `# noqa: S608  # a constant`, `# type: ignore[operator]  # never None`."


RULE = Rule("ignore-with-reason", check)
