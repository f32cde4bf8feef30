"""Which part of a list was asked for."""

from dataclasses import dataclass
from typing import Literal, Protocol, Self

DEEPEST = 100_000


class Asked(Protocol):
    """A request with optional `limit` and `offset`; the gateway has held both against the proto's bounds."""

    limit: int
    offset: int

    def HasField(self, field_name: Literal["limit"]) -> bool: ...


@dataclass(frozen=True, slots=True)
class Page:
    """Rows to skip and rows at most, both within bounds whatever was asked."""

    limit: int
    offset: int

    @classmethod
    def of(cls, asked: Asked, *, default: int, most: int) -> Self:
        limit = asked.limit if asked.HasField("limit") else default
        return cls(limit=min(max(1, limit), most), offset=min(max(0, asked.offset), DEEPEST))
