"""`commit` appears once, in libs/database.

An operation that commits half-way lets the caller see a video without its event: the outbox row of the second half is
lost with the process, and the tenant that was set for the first transaction is gone in the second.
"""

import ast
from collections.abc import Iterator

from tools.lint.names import calls, dotted, last
from tools.lint.rule import Offence, Rule
from tools.lint.sources import Tree

NAME = "commit-once"
OWNER = "libs/database"
KAFKA = "consumer"  # an aiokafka consumer commits offsets, not rows
SENTENCES = {
    "commit": "transactions are committed by libs/database alone; use `async with database.transaction(tenant)`.",
    "begin": "transactions are opened by libs/database alone; use `async with database.transaction(tenant)`.",
}


def check(tree: Tree) -> Iterator[Offence]:
    for source in tree.python:
        if not source.is_in("libs", "services", "gateway") or source.is_in(OWNER):
            continue
        for call in calls(source):
            verb = last(call.func)
            if verb in SENTENCES and isinstance(call.func, ast.Attribute) and last(call.func.value) != KAFKA:
                yield Offence(source.path, call.lineno, f"{dotted(call.func) or verb}(): {SENTENCES[verb]}")


RULE = Rule(NAME, check)
