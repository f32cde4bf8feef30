"""Ed25519 keys in PEM files, several to a file, which are changed while the process runs.

What is in use is always whole: a file that cannot be read, or holds something else, is passed over until it can.
Kubernetes replaces all of a mounted secret's files by one symbolic link.
"""

import re
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Generic, TypeVar

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key, load_pem_public_key

from libs.telemetry import get_logger

log = get_logger(__name__)
LOOK_SECONDS = 1.0
BEGIN = b"-----BEGIN "
BLOCK = re.compile(rb"-----BEGIN ([A-Z0-9 ]+)-----.+?-----END \1-----\s*", re.DOTALL)
Key = TypeVar("Key", Ed25519PrivateKey, Ed25519PublicKey)


class Keys(Generic[Key]):
    """The keys in some files, in order; raises OSError and ValueError where they cannot be used at first."""

    def __init__(
        self, files: Sequence[Path], read: Callable[[Path], list[Key]], look_seconds: float = LOOK_SECONDS
    ) -> None:
        self._files, self._look_seconds = files, look_seconds
        self._read: Callable[[Path], list[Key]] = read
        self._looked, self._seen = time.monotonic(), self._look()
        self._keys: tuple[Key, ...] = self._all()
        self._told = ""

    def latest(self) -> tuple[Key, ...]:
        """The keys as they are now, the same object until they change; files are looked at once in `look_seconds`."""
        if time.monotonic() - self._looked >= self._look_seconds:
            self._looked = time.monotonic()
            try:
                self._renew()
            except (OSError, ValueError) as unfit:
                self._tell(str(unfit))
        return self._keys

    def _renew(self) -> None:
        seen = self._look()
        if seen == self._seen:
            return
        self._keys, self._seen, self._told = self._all(), seen, ""
        log.info("identity_keys_renewed", files=[str(file) for file in self._files], keys=len(self._keys))

    def _look(self) -> list[tuple[int, int, int, int]]:
        stats = [file.stat() for file in self._files]
        return [(one.st_dev, one.st_ino, one.st_mtime_ns, one.st_size) for one in stats]

    def _all(self) -> tuple[Key, ...]:
        return tuple(key for file in self._files for key in self._read(file))

    def _tell(self, reason: str) -> None:
        if reason != self._told:
            self._told = reason
            log.error("identity_keys_unfit", reason=reason)


def private_keys(path: Path) -> list[Ed25519PrivateKey]:
    """The keys in a PEM file; raises ValueError where it holds anything else."""
    with suppress(ValueError, TypeError, UnsupportedAlgorithm):
        loaded = [load_pem_private_key(block, password=None) for block in blocks(path)]
        if found := [key for key in loaded if isinstance(key, Ed25519PrivateKey)]:
            return exactly(found, loaded)
    raise ValueError(f"{path} holds no Ed25519 private key (PEM).")


def public_keys(path: Path) -> list[Ed25519PublicKey]:
    """The keys in a PEM file; raises ValueError where it holds anything else."""
    with suppress(ValueError, UnsupportedAlgorithm):
        loaded = [load_pem_public_key(block) for block in blocks(path)]
        if found := [key for key in loaded if isinstance(key, Ed25519PublicKey)]:
            return exactly(found, loaded)
    raise ValueError(f"{path} holds no Ed25519 public key (PEM).")


def exactly(found: list[Key], loaded: Sequence[object]) -> list[Key]:
    if len(found) < len(loaded):
        raise ValueError("there are others among them")
    return found


def blocks(path: Path) -> list[bytes]:
    """Each key's own PEM; raises ValueError where one is cut off, as while somebody writes the file."""
    text = path.read_bytes()
    found = [match[0] for match in BLOCK.finditer(text)]
    if len(found) < text.count(BEGIN):
        raise ValueError("one has no end")
    return found
