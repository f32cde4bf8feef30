"""A store of secrets in memory, which others may write to at the worst moment."""

from collections.abc import Callable, Mapping
from itertools import count

from admin.secrets.store import Contended, Held


class Memory:
    """Keeps the promises of admin.secrets.store.Store; `before_write` is called once before each write."""

    def __init__(self) -> None:
        self.secrets: dict[str, Held] = {}
        self.before_write: Callable[[str], None] = lambda _: None
        self.writes = 0
        self._versions = count(1)

    def read(self, name: str) -> Held | None:
        return self.secrets.get(name)

    def create(self, name: str, kind: str, data: Mapping[str, bytes], labels: Mapping[str, str]) -> None:
        self.before_write(name)
        if name in self.secrets:
            raise Contended
        self.put(name, data)

    def change(self, name: str, version: str, data: Mapping[str, bytes | None]) -> None:
        self.before_write(name)
        if self.secrets[name].version != version:
            raise Contended
        after = {**self.secrets[name].data, **data}
        self.put(name, {key: value for key, value in after.items() if value is not None})

    def put(self, name: str, data: Mapping[str, bytes]) -> None:
        self.writes += 1
        self.secrets[name] = Held(dict(data), str(next(self._versions)))
