"""No awaiting the outside world inside a transaction.

A slow Kafka or gRPC call there holds a connection and row locks for its whole timeout;
ten of them empty the pool and the service answers nothing.

Inside are the blocks of `async with ….transaction(…) as session` and every function that takes a session. What is
awaited there must be the session's: called on it, given it, or called on something that was made with it.
"""

import ast
from collections.abc import Iterator

from tools.lint.exemptions import Exemptions
from tools.lint.names import last
from tools.lint.rule import Offence, Rule
from tools.lint.sources import Source, Tree

NAME = "await-outside-in-transaction"
OPENER = "transaction"
SESSIONS = ("Session", "AsyncSession")
SENTENCE = (
    "inside a transaction only the session is awaited; do this before the block or after it, "
    "or let an event carry it on."
)
Function = ast.FunctionDef | ast.AsyncFunctionDef


def check(tree: Tree) -> Iterator[Offence]:
    exempt = Exemptions.read(tree, NAME)
    for source in tree.python:
        if source.is_in("libs", "services", "gateway"):
            found = sorted({(node.lineno, owner) for owner, node in strangers(source)})
            yield from (
                Offence(source.path, at, SENTENCE) for at, owner in found if not exempt.covers(source.path, owner)
            )
    yield from exempt.stale()


def strangers(source: Source) -> Iterator[tuple[str, ast.expr]]:
    """Whatever is awaited in a transaction and is not the session's, with the function it stands in."""
    for function in ast.walk(source.module):
        if not isinstance(function, ast.AsyncFunctionDef):
            continue
        given = {argument.arg for argument in arguments(function) if is_session(argument)}
        for body, session in [(function.body, given)] if given else blocks(function):
            inside = with_makings(body, session)
            yield from ((function.name, node) for node in awaited(body) if not is_ours(node, inside))


def arguments(function: Function) -> list[ast.arg]:
    return [*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs]


def is_session(argument: ast.arg) -> bool:
    return argument.annotation is not None and last(argument.annotation) in SESSIONS


def blocks(function: ast.AsyncFunctionDef) -> Iterator[tuple[list[ast.stmt], set[str]]]:
    """The bodies of the function's transactions, each with its session's name."""
    for node in walk(function.body):
        if isinstance(node, ast.AsyncWith):
            names = {name.id for item in node.items if opens(item) and isinstance(name := item.optional_vars, ast.Name)}
            if any(opens(item) for item in node.items):
                yield node.body, names


def opens(item: ast.withitem) -> bool:
    return isinstance(item.context_expr, ast.Call) and last(item.context_expr.func) == OPENER


def walk(body: list[ast.stmt]) -> Iterator[ast.AST]:
    """Everything in the statements except nested functions, which run when they are called."""
    pending: list[ast.AST] = list(body)
    while pending:
        node = pending.pop()
        yield node
        pending.extend(
            child
            for child in ast.iter_child_nodes(node)
            if not isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
        )


def with_makings(body: list[ast.stmt], sessions: set[str]) -> set[str]:
    """The session's names and those of things made with it: `videos = Videos(session)`."""
    known = set(sessions)
    for node in walk(body):
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Call) and is_given(node.value, sessions):
            known.update(target.id for target in node.targets if isinstance(target, ast.Name))
    return known


def awaited(body: list[ast.stmt]) -> Iterator[ast.expr]:
    """The expressions of `await`, `async for` and `async with`."""
    for node in walk(body):
        if isinstance(node, ast.Await):
            yield node.value
        elif isinstance(node, ast.AsyncFor) or (isinstance(node, ast.comprehension) and node.is_async):
            yield node.iter
        elif isinstance(node, ast.AsyncWith):
            yield from (item.context_expr for item in node.items)


def is_ours(node: ast.expr, known: set[str]) -> bool:
    """Whether an awaited call belongs to the session: its receiver or one of its arguments is one of the names."""
    if isinstance(node, ast.Await):
        return True  # judged by itself
    if isinstance(node, ast.Call):
        return is_given(node, known) or receiver(node.func, known)
    return isinstance(node, ast.Name) and node.id in known


def is_given(call: ast.Call, known: set[str]) -> bool:
    given = [*call.args, *(keyword.value for keyword in call.keywords)]
    return any(isinstance(value, ast.Name) and value.id in known for value in given)


def receiver(function: ast.expr, known: set[str]) -> bool:
    """Whether a method is called on the session, on something made with it, or on what such a call answered."""
    while isinstance(function, ast.Attribute):
        function = function.value
        if isinstance(function, ast.Await):
            function = function.value
        if isinstance(function, ast.Call):
            if is_given(function, known):
                return True
            function = function.func
    return isinstance(function, ast.Name) and function.id in known


RULE = Rule(NAME, check)
