"""Brings a store to a specification, beside others who may do the same at this moment."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from admin.certificates import authority, leaves
from admin.certificates.authority import Lives
from admin.errors import Failed
from admin.secrets.specification import Certificates, Specification
from admin.secrets.store import OPAQUE, TLS, Contended, Marks, Store
from admin.secrets.values import in_order, missing

ATTEMPTS = 20
Data = Mapping[str, bytes]
Changes = Mapping[str, bytes | None]
Plan = Callable[[Data], tuple[Changes, str]]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a secret: `made`, `kept`, or what changed in it and why."""

    name: str
    what: str
    is_changed: bool


def make(wanted: Specification, store: Store, now: datetime) -> Iterator[Outcome]:
    """Settle each secret and say so; raises Failed. What was settled before a failure stays."""
    settled: dict[str, Data] = {}
    for name in in_order(wanted.secrets):

        def plan(held: Data, name: str = name) -> tuple[Changes, str]:
            made = missing(name, wanted.secrets[name], held, settled)
            return made, f"added {', '.join(sorted(made))}" if held else f"made, {counted(len(made), 'value')}"

        settled[name], outcome = settle(store, name, OPAQUE, plan, wanted.marks)
        yield outcome
    if wanted.certificates:
        yield from certify(wanted.certificates, wanted.marks, store, now)


def certify(wanted: Certificates, marks: Marks, store: Store, now: datetime) -> Iterator[Outcome]:
    """The authority first, then each certificate: a successor is trusted by all before it signs."""
    lives = Lives.of_days(wanted.authority_days, wanted.days)

    def plan(held: Data) -> tuple[Changes, str]:
        existing = [found.data for name in wanted.issue if (found := store.read(name))]
        return authority.step(wanted.authority, held, existing, lives, now)

    yield settle(store, wanted.authority, TLS, plan, marks)[1]
    for name, names in sorted(wanted.issue.items()):

        def issue(held: Data, names: list[str] = names) -> tuple[Changes, str]:
            signer = store.read(wanted.authority)  # anew: another run may have moved it on
            if signer is None:
                raise Failed(f"Secret {wanted.authority} was deleted meanwhile; run this again.")
            return leaves.step(held, names, signer.data, lives, now)

        yield settle(store, name, TLS, issue, marks)[1]


def settle(store: Store, name: str, kind: str, plan: Plan, marks: Marks) -> tuple[Data, Outcome]:
    """Read, plan, write; again where somebody else wrote meanwhile. Answers the secret as it is then."""
    for _ in range(ATTEMPTS):
        held = store.read(name)
        before = held.data if held else {}
        changes, what = plan(before)
        after = {key: value for key, value in {**before, **changes}.items() if value is not None}
        is_marked = held is None or held.carries(marks)
        try:
            if held is None:
                store.create(name, kind, after, marks)
            elif changes or not is_marked:
                store.change(name, held.version, changes, marks)
        except Contended:
            continue
        kept = "kept" if is_marked else "kept, labelled anew"
        return after, Outcome(name, what if changes else kept, bool(changes))
    raise Failed(f"Secret {name} was written by somebody else {ATTEMPTS} times in a row.")


def counted(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
