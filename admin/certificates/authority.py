"""The authority's secret and its next step; no store, only what is held and the time.

tls.crt, tls.key        what signs now
next.crt, next.key      its successor: trusted, does not sign yet
previous.crt            its predecessor: trusted until `previous.until`, when the last that it signed has ended
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from cryptography import x509

from admin.certificates.material import Pair, begins, ends, is_due, make_authority
from admin.errors import Failed

Data = Mapping[str, bytes]
Changes = dict[str, bytes | None]
CERTIFICATE, KEY, AUTHORITIES = "tls.crt", "tls.key", "ca.crt"
NEXT, NEXT_KEY, PREVIOUS, UNTIL = "next.crt", "next.key", "previous.crt", "previous.until"
LAST = timedelta(days=2)  # of an authority, when nothing is gained by waiting


@dataclass(frozen=True, slots=True)
class Lives:
    """How long an authority and a certificate live."""

    authority: timedelta
    leaf: timedelta

    @classmethod
    def of_days(cls, authority: int, leaf: int) -> "Lives":
        return cls(timedelta(days=authority), timedelta(days=leaf))

    @property
    def between_renewals(self) -> timedelta:
        """How long a successor is trusted before it signs: whatever reads a certificate has read a new one by then."""
        return self.leaf * 2 / 3

    @property
    def last(self) -> timedelta:
        return min(LAST, self.leaf / 3)


def step(name: str, held: Data, leaves: Sequence[Data], lives: Lives, now: datetime) -> tuple[Changes, str]:
    """What to change in the authority's secret, and the sentence for it; nothing on most days. Raises Failed."""
    if not held.keys() & {CERTIFICATE, KEY}:
        return fresh(name, lives, now, "made")
    current = pair(name, held, CERTIFICATE, KEY)
    if begins(current.certificate) > now:
        return replaced(name, held, current, lives, now)
    if NEXT in held:
        changes, what = succeeded(held, current, pair(name, held, NEXT, NEXT_KEY), leaves, lives, now)
        if changes:
            return changes, what
    elif ends(current.certificate) <= now:
        changes, what = fresh(name, lives, now, "had expired; replaced")
        return {**dict.fromkeys(held.keys() & {PREVIOUS, UNTIL}), **changes}, what
    elif is_due(current.certificate, now):
        successor = make_authority(name, lives.authority, now)
        made: Changes = {NEXT: successor.certificate_pem, NEXT_KEY: successor.key_pem}
        return made, f"has a successor, trusted from now; it signs from {now + lives.between_renewals:%F}"
    if PREVIOUS in held and (until := forgotten_at(held)) <= now:
        return {PREVIOUS: None, UNTIL: None}, f"forgot its predecessor, whose last certificate ended by {until:%F}"
    return {}, "kept"


def succeeded(
    held: Data, current: Pair, successor: Pair, leaves: Sequence[Data], lives: Lives, now: datetime
) -> tuple[Changes, str]:
    if (begin := begins(successor.certificate)) > now:  # the clock that it was made by was ahead
        return {NEXT: None, NEXT_KEY: None}, f"gave up its successor, which begins only on {begin:%F}"
    if may_sign(successor, held[NEXT], current, leaves, lives, now):
        return promoted(held, current, successor, lives, now)
    return {}, "kept"


def replaced(name: str, held: Data, current: Pair, lives: Lives, now: datetime) -> tuple[Changes, str]:
    """An authority that begins in the future: somebody's clock is wrong, ours or the one that it was made by.

    If it was ours, what the old one signed is in use: it stays trusted as long as that may live.
    """
    changes, what = fresh(name, lives, now, "replaced")
    changes |= {PREVIOUS: held[CERTIFICATE], UNTIL: moment(now + lives.leaf)}
    changes |= dict.fromkeys(held.keys() & {NEXT, NEXT_KEY})
    clocks = f"begins only on {begins(current.certificate):%FT%TZ}, and this clock says {now:%FT%TZ}"
    return changes, f"{clocks}: one of the two is wrong, look at the nodes' clocks; {what}"


def moment(at: datetime) -> bytes:
    return f"{at.isoformat()}\n".encode()


def fresh(name: str, lives: Lives, now: datetime, verb: str) -> tuple[Changes, str]:
    made = make_authority(name, lives.authority, now)
    what = f"{verb}, good until {ends(made.certificate):%F}"
    return {CERTIFICATE: made.certificate_pem, KEY: made.key_pem}, what


def may_sign(
    successor: Pair, written: bytes, current: Pair, leaves: Sequence[Data], lives: Lives, now: datetime
) -> bool:
    """Whether everybody has trusted the successor for long enough, or the present authority is at its end."""
    if ends(current.certificate) - now <= lives.last:
        return True
    is_known = now - begins(successor.certificate) >= lives.between_renewals
    return is_known and all(written.strip() in one.get(AUTHORITIES, b"") for one in leaves)


def promoted(held: Data, current: Pair, successor: Pair, lives: Lives, now: datetime) -> tuple[Changes, str]:
    until = min(now + lives.leaf, ends(current.certificate))
    changes: Changes = {
        CERTIFICATE: successor.certificate_pem,
        KEY: successor.key_pem,
        NEXT: None,
        NEXT_KEY: None,
        PREVIOUS: held[CERTIFICATE],
        UNTIL: moment(until),
    }
    return changes, f"signs by its successor, good until {ends(successor.certificate):%F}"


def pair(name: str, held: Data, certificate: str, key: str) -> Pair:
    """Raises Failed: a half authority cannot be replaced without a word, what it signed is in use."""
    for one in (certificate, key):
        if one not in held:
            raise Failed(f"Secret {name} has no {one}; restore it, or delete the secret and restart the fleet.")
    try:
        return Pair.read(held[certificate], held[key])
    except ValueError as unusable:
        raise Failed(f"{certificate} and {key} in secret {name} are unusable: {unusable}.") from None


def forgotten_at(held: Data) -> datetime:
    """When the last that the predecessor signed has ended; the predecessor's own end where that is not written."""
    try:
        return datetime.fromisoformat(held[UNTIL].decode().strip())
    except (KeyError, ValueError):
        return ends(x509.load_pem_x509_certificate(held[PREVIOUS]))


def trusted(held: Data) -> bytes:
    """All authorities that a process is to trust, as one PEM file."""
    return b"".join(held[key].strip() + b"\n" for key in (CERTIFICATE, NEXT, PREVIOUS) if key in held)
