"""Only `__main__`, `worker` and `settings` read the environment.

A module that looked a limit up for itself had a second default: the chart set the value, the server took it, the worker
did not, and the two disagreed until a customer's upload was refused half-way.
"""

import ast
from collections.abc import Iterator

from tools.lint.names import calls, dotted, last
from tools.lint.rule import Offence, Rule
from tools.lint.sources import Source, Tree

ROOTS = ("__main__.py", "worker.py", "settings.py")
ENVIRONMENT = ("os.environ", "os.getenv", "os.environb")
READER = "libs/settings"
MAIN = 'if __name__ == "__main__":'


def check(tree: Tree) -> Iterator[Offence]:
    for source in tree.python:
        is_ours = source.is_in("libs", "services", "gateway", "admin") and not source.is_in(READER)
        if is_ours and not is_root(source):
            yield from readings(source)


def is_root(source: Source) -> bool:
    """Whether a process begins here."""
    return source.path.name in ROOTS or MAIN in source.lines


def readings(source: Source) -> Iterator[Offence]:
    for node in ast.walk(source.module):
        if isinstance(node, ast.Attribute) and dotted(node) in ENVIRONMENT:
            yield Offence(
                source.path, node.lineno, f"{dotted(node)}: the environment is read by a settings class alone."
            )
    for call in calls(source):
        if reads_settings(call):
            yield Offence(
                source.path, call.lineno, "settings are read in __main__ or worker and handed on as arguments."
            )


def reads_settings(call: ast.Call) -> bool:
    """`MediaSettings.read()` and `MediaSettings()`; a nested class that is given values is none."""
    if isinstance(call.func, ast.Attribute) and call.func.attr == "read":
        return last(call.func.value).endswith("Settings")
    return last(call.func).endswith("Settings") and not call.args and not call.keywords


RULE = Rule("settings-at-the-root", check)
