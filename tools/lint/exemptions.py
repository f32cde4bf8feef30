"""The places that may break a rule, each with its reason; one that is needed no longer is an offence itself."""

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from tools.lint.rule import Offence
from tools.lint.sources import Tree

FILE = Path("tools/lint/exemptions.toml")


@dataclass
class Exemptions:
    """`[[rule]]` tables of exemptions.toml: a path, perhaps a function's name, and a reason."""

    rule: str
    entries: dict[tuple[str, str], str]
    used: set[tuple[str, str]] = field(default_factory=set)

    @classmethod
    def read(cls, tree: Tree, rule: str) -> "Exemptions":
        text = (tree.root / FILE).read_text() if (tree.root / FILE).exists() else ""
        listed = tomllib.loads(text).get(rule, [])
        return cls(rule, {(one["path"], one.get("name", "")): one.get("reason", "") for one in listed})

    def covers(self, path: Path, name: str = "") -> bool:
        """Whether this place is listed; asking marks the entry as needed."""
        key = (path.as_posix(), name)
        self.used.add(key)
        return key in self.entries

    def stale(self) -> Iterator[Offence]:
        """Entries without a reason, and entries that no place needed."""
        for (path, name), reason in self.entries.items():
            place = f"{path} {name}".strip()
            if not reason:
                yield Offence(FILE, 1, f"the {self.rule} exemption of {place} gives no reason.")
            if (path, name) not in self.used:
                yield Offence(FILE, 1, f"the {self.rule} exemption of {place} is needed no longer; remove it.")
