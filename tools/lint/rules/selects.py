"""A feature's repository holds every SELECT of it.

A list that was queried in a servicer forgot the condition that hides deleted videos; the three queries in the
repository had it.
"""

import ast
import re
from collections.abc import Iterator

from tools.lint.names import calls, dotted, last
from tools.lint.rule import Offence, Rule
from tools.lint.sources import Tree

BUILDERS = ("select", "HotQuery")
READS = ("session.get", "self._session.get", "session.get_one")
HOME = "repository.py"
QUERY = re.compile(r"\s*(SELECT|WITH)\b.*\bFROM\b", re.IGNORECASE | re.DOTALL)


def check(tree: Tree) -> Iterator[Offence]:
    for source in tree.python:
        if source.is_in("services") and source.path.name != HOME and "migrations" not in source.path.parts:
            for call in calls(source):
                if reads(call):
                    yield Offence(
                        source.path, call.lineno, f"{last(call.func)}(): this query belongs to the feature's {HOME}."
                    )


def reads(call: ast.Call) -> bool:
    """select(…), HotQuery(…), session.get(…), and text of a query."""
    is_raw = last(call.func) == "text" and bool(call.args) and is_query(call.args[0])
    return is_raw or last(call.func) in BUILDERS or dotted(call.func) in READS


def is_query(argument: ast.expr) -> bool:
    """A literal that reads tables; `SELECT make_partitions(3)` reads none."""
    value = argument.value if isinstance(argument, ast.Constant) else ""
    return isinstance(value, str) and bool(QUERY.match(value))


RULE = Rule("selects-in-repository", check)
