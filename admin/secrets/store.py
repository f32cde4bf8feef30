"""Where secrets are kept, as the rest of this package sees it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

OPAQUE, TLS = "Opaque", "kubernetes.io/tls"


@dataclass(frozen=True, slots=True)
class Held:
    """A secret as it was read; `version` changes with every write."""

    data: Mapping[str, bytes]
    version: str


class Contended(Exception):
    """Somebody else wrote the secret meanwhile: read it again."""


class Store(Protocol):
    """Each call raises Failed where the store refuses or does not answer."""

    def read(self, name: str) -> Held | None:
        """The secret, None where there is none."""

    def create(self, name: str, kind: str, data: Mapping[str, bytes], labels: Mapping[str, str]) -> None:
        """Make it; raises Contended where it exists by now."""

    def change(self, name: str, version: str, data: Mapping[str, bytes | None]) -> None:
        """Set these keys, remove those of None; raises Contended where it is no longer at that version."""
