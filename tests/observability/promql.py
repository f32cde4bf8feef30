"""Which metrics and labels a PromQL expression names. promtool checks the grammar; this only finds names."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

STRING = re.compile(r'"(?:[^"\\]|\\.)*"')
LABELS = re.compile(r"\b(?:by|without|on|ignoring|group_left|group_right)\s*\(([^)]*)\)")
RANGE = re.compile(r"\[[^\]]*\]")
NAME = re.compile(r"[a-zA-Z_:][a-zA-Z0-9_:]*")
SELECTOR = re.compile(r"([a-zA-Z_:][a-zA-Z0-9_:]*)\s*(\{[^}]*\})?")
MATCHER = re.compile(r"([a-zA-Z_]\w*)\s*(?:=~|!~|!=|=)")
WORDS = {"and", "or", "unless", "bool", "offset", "inf", "nan", "by", "without", "on", "ignoring"}


@dataclass(frozen=True)
class Selector:
    """A metric and the labels that it is chosen by."""

    metric: str
    labels: frozenset[str]


def selectors(expr: str) -> Iterator[Selector]:
    """Every metric of an expression."""
    bare = RANGE.sub("", LABELS.sub("", STRING.sub('""', expr)))
    for found in SELECTOR.finditer(bare):
        name, braces = found[1], found[2]
        follows = bare[found.end() :].lstrip()
        is_number = re.search(r"[0-9.]$", bare[: found.start()])
        if name in WORDS or is_number or (braces is None and follows.startswith("(")) or is_duration(bare, found):
            continue
        yield Selector(name, frozenset(MATCHER.findall(braces or "")))


def is_duration(text: str, found: re.Match[str]) -> bool:
    """Whether this is the unit of `offset 1h`."""
    return bool(re.search(r"\d$", text[: found.start()]))


def grouped(expr: str) -> set[str]:
    """The labels that an expression groups or joins by."""
    lists = LABELS.findall(STRING.sub('""', expr))
    return {name for one in lists for name in NAME.findall(one)}
