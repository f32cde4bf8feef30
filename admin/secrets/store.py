"""Where secrets are kept, as the rest of this package sees it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

OPAQUE, TLS = "Opaque", "kubernetes.io/tls"


@dataclass(frozen=True, slots=True)
class Marks:
    """Labels and annotations, by which others find a secret and know what not to do; None is one that is absent."""

    labels: Mapping[str, str | None] = field(default_factory=dict)
    annotations: Mapping[str, str | None] = field(default_factory=dict)


NO_MARKS = Marks()


@dataclass(frozen=True, slots=True)
class Held:
    """A secret as it was read; `version` changes with every write. `marks` is None where a store keeps none."""

    data: Mapping[str, bytes]
    version: str
    marks: Marks | None = None

    def carries(self, wanted: Marks) -> bool:
        """Whether nothing has to be written to have it carry these marks."""
        if self.marks is None:
            return True
        both = (self.marks.labels, wanted.labels), (self.marks.annotations, wanted.annotations)
        return all(held.get(name) == value for held, marks in both for name, value in marks.items())


class Contended(Exception):
    """Somebody else wrote the secret meanwhile: read it again."""


class Store(Protocol):
    """Each call raises Failed where the store refuses or does not answer."""

    def read(self, name: str) -> Held | None:
        """The secret, None where there is none."""

    def create(self, name: str, kind: str, data: Mapping[str, bytes], marks: Marks) -> None:
        """Make it; raises Contended where it exists by now."""

    def change(self, name: str, version: str, data: Mapping[str, bytes | None], marks: Marks = NO_MARKS) -> None:
        """Set these keys and marks, remove those of None; raises Contended where it is no longer at that version."""
