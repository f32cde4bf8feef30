"""Lists of the resource family: filters, order, page or cursor, over a whitelist of columns."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from orrery.types.v1.types_pb2 import Filter, ListQuery, Pagination
from sqlalchemy import ColumnElement, Select, and_, false, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from libs.database.cursors import decode_cursor, encode_cursor
from libs.database.values import ListRefused, parse

Row = TypeVar("Row")
Column = InstrumentedAttribute[Any]
DEFAULT_LIMIT, MOST, DEEPEST = 20, 100, 100_000

OPERATORS: Mapping[str, Callable[[Any, Any], ColumnElement[bool]]] = {
    "eq": lambda column, value: column == value,
    "ne": lambda column, value: column.is_distinct_from(value),
    "gt": lambda column, value: column > value,
    "gte": lambda column, value: column >= value,
    "lt": lambda column, value: column < value,
    "lte": lambda column, value: column <= value,
    "contains": lambda column, value: column.icontains(value, autoescape=True),
    "starts_with": lambda column, value: column.istartswith(value, autoescape=True),
}
TEXT_ONLY = ("contains", "starts_with")


@dataclass(frozen=True)
class Listing:
    """What may be asked of a list: public names → columns, the default order, and the unique name that breaks ties.

    `searchable` names text columns; each word of a search must be in one of them, and without any a search is refused.
    Columns in `sortable` are NOT NULL, or a cursor would lose rows. All public methods raise ListRefused (422 / 400).
    """

    columns: Mapping[str, Column]
    sortable: tuple[str, ...]
    order: str
    key: str
    searchable: tuple[str, ...] = ()

    async def page(self, session: AsyncSession, rows: Select[Row], query: ListQuery) -> tuple[list[Row], Pagination]:
        """One page of `rows`; by cursor it goes on where the last page ended, whatever came since, uncounted."""
        limit = bounded("limit", query.limit or DEFAULT_LIMIT, MOST)
        order = self._order(list(query.sort) or [self.order])
        rows = rows.where(*[self._condition(one) for one in query.filters], *self._search(query.search.split()))
        page = 0 if query.cursor else bounded("page", query.page or 1, DEEPEST // limit)
        answer = Pagination(page=page, limit=limit, has_prev=bool(query.cursor) or page > 1)
        if page:
            await self._count(session, rows, answer)
            placed = rows.offset((page - 1) * limit)
        else:
            placed = rows.where(self._after(order, decode_cursor(query.cursor, order)))
        ordered = [self.columns[name].desc() if down else self.columns[name].asc() for name, down in order]
        found: list[Row] = list(await session.scalars(placed.order_by(*ordered).limit(limit + 1)))
        answer.has_next = len(found) > limit
        if answer.has_next:
            last = found[limit - 1]
            answer.next_cursor = encode_cursor(order, [getattr(last, self.columns[name].key) for name, _ in order])
        return found[:limit], answer

    async def _count(self, session: AsyncSession, rows: Select[Row], answer: Pagination) -> None:
        """Say how many rows there are, unless they are more than pages reach: counting a log's millions takes long."""
        reachable = rows.limit(DEEPEST + 1).subquery()
        total = (await session.scalar(select(func.count()).select_from(reachable))) or 0
        if total <= DEEPEST:
            answer.total, answer.total_pages = total, -(-total // answer.limit)

    def _order(self, names: list[str]) -> list[tuple[str, bool]]:
        """(name, descending) of each sort name, with the key last."""
        order = [(name.removeprefix("-"), name.startswith("-")) for name in names]
        for name, _ in order:
            if name not in self.sortable:
                raise ListRefused("sort", f"A list cannot be sorted by this; it can by {', '.join(self.sortable)}.")
        if self.key not in [name for name, _ in order]:
            order.append((self.key, order[0][1]))
        return order

    def _condition(self, asked: Filter) -> ColumnElement[bool]:
        name = f"filter[{asked.field}]"
        column = self.columns.get(asked.field)
        if column is None:
            raise ListRefused(name, f"There is no such filter; there are {', '.join(self.columns)}.")
        if asked.op == "in":
            values = asked.value.split(",")
            if len(values) > MOST:
                raise ListRefused(name, f"This takes at most {MOST} values.")
            return column.in_([parse(column, name, value) for value in values])
        operator = OPERATORS.get(asked.op)
        if operator is None or (asked.op in TEXT_ONLY and column.type.python_type is not str):
            raise ListRefused(name, "This operator does not fit the field.")
        return operator(column, parse(column, name, asked.value))

    def _search(self, words: list[str]) -> list[ColumnElement[bool]]:
        if words and not self.searchable:
            raise ListRefused("search", "This list cannot be searched; filter it.")
        columns = [self.columns[name] for name in self.searchable]
        texts = [[parse(column, "search", word) for column in columns] for word in words]
        holds = OPERATORS["contains"]
        return [or_(*[holds(column, word) for column, word in zip(columns, row, strict=True)]) for row in texts]

    def _after(self, order: list[tuple[str, bool]], values: list[str]) -> ColumnElement[bool]:
        """Rows that stand after `values` in the order: (a, b) > (x, y), written out for mixed directions."""
        after: ColumnElement[bool] = false()
        equal: list[ColumnElement[bool]] = []
        for (name, down), text in zip(order, values, strict=True):
            column = self.columns[name]
            value = parse(column, "cursor", text, longest=len(text))  # as long as the row's own
            after = or_(after, and_(*equal, column < value if down else column > value))
            equal.append(column == value)
        return after


def bounded(name: str, value: int, most: int) -> int:
    if not 1 <= value <= most:
        raise ListRefused(name, f"This must be from 1 to {most}.")
    return value
