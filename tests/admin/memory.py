"""A store of secrets in memory, which others may write to at the worst moment."""

from collections.abc import Callable, Mapping
from itertools import count
from typing import TypeVar

from admin.secrets.store import NO_MARKS, Contended, Held, Marks

Value = TypeVar("Value", bytes, str)


class Memory:
    """Keeps the promises of admin.secrets.store.Store; `before_write` is called once before each write."""

    def __init__(self) -> None:
        self.secrets: dict[str, Held] = {}
        self.before_write: Callable[[str], None] = lambda _: None
        self.writes = 0
        self._versions = count(1)

    def read(self, name: str) -> Held | None:
        return self.secrets.get(name)

    def create(self, name: str, kind: str, data: Mapping[str, bytes], marks: Marks) -> None:
        self.before_write(name)
        if name in self.secrets:
            raise Contended
        self.put(name, data, marks)

    def change(self, name: str, version: str, data: Mapping[str, bytes | None], marks: Marks = NO_MARKS) -> None:
        self.before_write(name)
        if self.secrets[name].version != version:
            raise Contended
        before = self.secrets[name]
        had = before.marks or NO_MARKS
        now = Marks(together(had.labels, marks.labels), together(had.annotations, marks.annotations))
        self.put(name, together(before.data, data), now)

    def put(self, name: str, data: Mapping[str, bytes], marks: Marks = NO_MARKS) -> None:
        self.writes += 1
        carried = Marks(together({}, marks.labels), together({}, marks.annotations))
        self.secrets[name] = Held(dict(data), str(next(self._versions)), carried)


def together(before: Mapping[str, Value | None], after: Mapping[str, Value | None]) -> dict[str, Value]:
    """What is there after a change: None takes away."""
    return {name: value for name, value in {**before, **after}.items() if value is not None}
