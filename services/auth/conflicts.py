"""Unique indexes decide races; this turns what they say into refusals."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

from psycopg.errors import UniqueViolation
from sqlalchemy.exc import IntegrityError

from libs.errors import Conflict


@contextmanager
def conflicts(refusals: Mapping[str, Callable[[], Conflict]]) -> Iterator[None]:
    """Raise the refusal of the index (by its name) that a statement in the block breaks; other errors go on."""
    try:
        yield
    except IntegrityError as broken:
        index = broken.orig.diag.constraint_name if isinstance(broken.orig, UniqueViolation) else None
        if index is None or index not in refusals:
            raise
        refusal = refusals[index]()
        raise refusal from None
