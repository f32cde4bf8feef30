"""Changes the Ed25519 keys that some sign with and others check by, and no signature is refused meanwhile.

A file may hold several keys. Of private ones the first signs and the others do not; of public ones all are believed,
the oldest first. A successor is put behind the key that signs and is believed; when all have read that, it signs; when
all have read that, its predecessor is believed no more. The predecessor's private key stays behind it until the change
after the next, so that what was sealed by it can be opened.

Processes read mounted files again by themselves. Whatever broke a change off, the next run ends it.
"""

import re
from collections.abc import Callable, Iterator, Mapping

from admin.errors import Failed
from admin.secrets import kinds
from admin.secrets.making import Changes, Data, Outcome, settle
from admin.secrets.specification import Specification
from admin.secrets.store import OPAQUE, Marks, Store

KEPT = 3  # private keys in a file: the one that signs, its successor or predecessor, the one before that
BLOCK = re.compile(rb"-----BEGIN ([A-Z ]+)-----.+?-----END \1-----", re.DOTALL)
Edit = Callable[[list[bytes]], tuple[list[bytes], str]]


def rotate(wanted: Specification, store: Store, wait: Callable[[], None]) -> Iterator[Outcome]:
    """Change every key that has a public one; raises Failed.

    `wait` returns when all processes have read what was written before it was called.
    """
    changes = [Change(origin, public, store, wanted.marks) for origin, public in pairs(wanted.secrets)]
    if not changes:
        raise Failed("The specification has no public keys, so none of its keys can be changed this way.")
    for step in (Change.announce, Change.promote, Change.forget):
        for change in changes:
            yield from step(change)
        if step is not Change.forget:
            wait()


def pairs(secrets: Mapping[str, Mapping[str, str]]) -> Iterator[tuple[tuple[str, str], tuple[str, str]]]:
    """Secret and key of each private key that has a public one, and of the public one."""
    for name, keys in sorted(secrets.items()):
        for key, kind in sorted(keys.items()):
            if origin := kinds.source(kind):
                yield origin, (name, key)


class Change:
    """The change of one key. It promotes only the successor that it has waited for."""

    def __init__(self, private: tuple[str, str], public: tuple[str, str], store: Store, marks: Marks) -> None:
        self._private, self._public, self._store, self._marks = private, public, store, marks
        self._signing, self._awaited = b"", b""

    def announce(self) -> Iterator[Outcome]:
        """Have a successor believed: a new one, or the one of a run that was broken off here."""
        keys, believed = self._read(self._private), self._read(self._public)
        if self._predecessors(keys, believed):  # a run was broken off after the successor began to sign
            return
        self._signing, self._awaited = keys[0], next((one for one in keys[1:] if public(one) in believed), b"")
        if not self._awaited:
            self._awaited = kinds.ed25519().strip()
            yield self._edit(self._private, self._with_successor)
        yield self._edit(self._public, self._with_its_public_key)

    def _with_successor(self, was: list[bytes]) -> tuple[list[bytes], str]:
        is_mine = was[0] == self._signing  # else another run was quicker
        return [*was[:1], self._awaited, *was[1:]][:KEPT] if is_mine else was, "has a successor"

    def _with_its_public_key(self, was: list[bytes]) -> tuple[list[bytes], str]:
        keys, successor = self._read(self._private), public(self._awaited)
        is_mine = keys[0] == self._signing and self._awaited in keys and successor not in was
        return [*was, successor] if is_mine else was, "believes the successor"

    def promote(self) -> Iterator[Outcome]:
        """Let the successor sign."""
        if self._awaited:
            yield self._edit(self._private, self._swapped)

    def _swapped(self, was: list[bytes]) -> tuple[list[bytes], str]:
        is_believed = public(self._awaited) in self._read(self._public)
        is_mine = was[0] == self._signing and self._awaited in was and is_believed
        others = [one for one in was if one != self._awaited]
        return [self._awaited, *others] if is_mine else was, "signs by the successor"

    def forget(self) -> Iterator[Outcome]:
        """Believe predecessors no more."""
        yield self._edit(self._public, self._without_predecessors)

    def _without_predecessors(self, was: list[bytes]) -> tuple[list[bytes], str]:
        gone = self._predecessors(self._read(self._private), was)
        return [one for one in was if one not in gone], "believes the predecessor no more"

    def _predecessors(self, keys: list[bytes], believed: list[bytes]) -> set[bytes]:
        """The public keys of those that signed before; keys that are not ours are left alone. Raises Failed."""
        if public(keys[0]) not in believed:
            raise Failed(f"{told(self._public)} does not hold the public key of {told(self._private)}.")
        return {public(one) for one in keys[1:]}.intersection(believed[: believed.index(public(keys[0]))])

    def _read(self, place: tuple[str, str]) -> list[bytes]:
        held = self._store.read(place[0])
        return blocks(place, held.data if held else {})

    def _edit(self, place: tuple[str, str], edit: Edit) -> Outcome:
        def plan(held: Data) -> tuple[Changes, str]:
            was = blocks(place, held)
            after, what = edit(was)
            changes: Changes = {place[1]: b"".join(one + b"\n" for one in after)} if after != was else {}
            return changes, f"{place[1]} {what}"

        return settle(self._store, place[0], OPAQUE, plan, self._marks)[1]


def blocks(place: tuple[str, str], held: Data) -> list[bytes]:
    """The keys in a file, in PEM; raises Failed where there is none."""
    found = [match[0] for match in BLOCK.finditer(held.get(place[1], b""))]
    if not found:
        raise Failed(f"{told(place)} is missing or no key; run `orrery secrets make`.")
    return found


def public(private: bytes) -> bytes:
    """Raises Failed where it is no Ed25519 key."""
    try:
        return kinds.public_of(private).strip()
    except ValueError as unusable:
        raise Failed(f"A private key cannot be used: {unusable}.") from None


def told(place: tuple[str, str]) -> str:
    return f"{place[1]} in secret {place[0]}"
