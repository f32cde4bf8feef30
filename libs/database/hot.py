"""Hot reads: one prepared statement that sets the tenant itself.

The ORM costs 500 µs a read and a transaction three more round trips. Here set_config runs in a subquery that the
reading part depends on (LATERAL, kept apart by OFFSET 0), so that it has run before row-level security asks; were it
ever planned otherwise, the tenant would be unset and the read would see no rows.
"""

from typing import Any, LiteralString

import psycopg
from opentelemetry.trace import SpanKind
from psycopg_pool import PoolTimeout

from libs.database.engine import Database, DatabaseAway, lacks, operational, unprepared
from libs.database.metrics import HOT, POOL_TIMEOUTS
from libs.database.tenant import Caller, parameters
from libs.telemetry import inner_span

TENANT: LiteralString = (
    "SELECT rows.* FROM (SELECT set_config('app.user_id', %(tenant_user_id)s, true) AS user_id,"
    " set_config('app.organization_id', %(tenant_organization_id)s, true) AS organization_id,"
    " set_config('app.system', %(tenant_system)s, true) AS system OFFSET 0) tenant"
    " CROSS JOIN LATERAL (SELECT asked.* FROM ("
)
ANCHOR: LiteralString = ") asked WHERE tenant.user_id IS NOT NULL OFFSET 0) rows"


class HotQuery:
    """A SELECT over row-level security, for the few reads that must be cheap.

    `query` takes psycopg's %(name)s parameters; names that begin with tenant_ are taken.
    """

    def __init__(self, query: LiteralString) -> None:
        self._query: LiteralString = TENANT + query + ANCHOR

    async def rows(self, database: Database, tenant: Caller, **values: Any) -> list[tuple[Any, ...]]:
        """All rows, as tuples in the query's order; raises DatabaseAway and DatabaseBusy as a transaction does."""
        bound = {**values, **{f"tenant_{name}": value for name, value in parameters(tenant).items()}}
        with inner_span("hot query", SpanKind.CLIENT):
            try:
                return await self._read(database, bound)
            except PoolTimeout as failure:
                POOL_TIMEOUTS.labels(HOT).inc()
                raise operational(failure) from failure
            except psycopg.OperationalError as failure:
                meant = operational(failure)
                if not isinstance(meant, DatabaseAway):
                    raise meant from failure
            except psycopg.ProgrammingError as failure:
                if lacks(failure):
                    raise unprepared(failure) from failure
                raise
            return await self._read_anew(database, bound)

    async def _read_anew(self, database: Database, bound: dict[str, Any]) -> list[tuple[Any, ...]]:
        """Drop connections that a restart of the server broke and ask once more: a read may be repeated."""
        try:
            await database.hot.check()
            return await self._read(database, bound)
        except psycopg.OperationalError as failure:
            raise operational(failure) from failure

    async def _read(self, database: Database, bound: dict[str, Any]) -> list[tuple[Any, ...]]:
        async with database.hot.connection() as connection:
            cursor = await connection.execute(self._query, bound, prepare=True)
            found: list[tuple[Any, ...]] = await cursor.fetchall()
            return found
