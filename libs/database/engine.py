"""Connections and transactions."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Self, cast

from opentelemetry.trace import SpanKind
from psycopg_pool import AsyncConnectionPool
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolExhausted
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.pool import QueuePool

from libs.database.metrics import HOT, POOL_TIMEOUTS, POOLS, TRANSACTIONS, UNPREPARED, Fullness
from libs.database.reasons import reason
from libs.database.revisions import PRESENT
from libs.database.tenant import SET, Caller, Tenant, parameters
from libs.database.tracing import trace_statements
from libs.settings import DatabaseSettings
from libs.telemetry import Answer, No, get_logger, inner_span

log = get_logger(__name__)
NOBODY = Tenant()
CONNECT_SECONDS = 5
WAIT_SECONDS = 5.0


# SQLSTATEs that mean "not now": connection exceptions, no resources, shutting down or starting. A statement that was
# cancelled, dead-locked or waited too long for a lock is an OperationalError too, and is nothing of the kind.
AWAY = ("08", "53", "57P")
LACKS = {"42P01": "table", "3F000": "schema", "42501": "right"}


class DatabaseAway(ConnectionError):
    """No connection, or it broke; the transaction did not take effect unless it broke while committing."""


class DatabaseBusy(TimeoutError):
    """PostgreSQL gave up on a statement: too slow, or its locks were not to be had. It took no effect."""


class Database:
    """A service's PostgreSQL. Enter it once per process; connections are made as they are needed."""

    def __init__(self, settings: DatabaseSettings) -> None:
        self.dsn = dsn = settings.dsn.get_secret_value()
        hot = max(1, settings.pool_size // 3)
        self._engine = create_async_engine(
            dsn.replace("postgresql://", "postgresql+psycopg://", 1),
            pool_size=max(1, settings.pool_size - hot),
            max_overflow=0,
            pool_timeout=WAIT_SECONDS,
            pool_pre_ping=True,
            hide_parameters=True,
            connect_args={"connect_timeout": CONNECT_SECONDS},
        )
        trace_statements(self._engine.sync_engine)
        self._sessions = async_sessionmaker(self._engine, expire_on_commit=False)
        self.hot = hot_pool(dsn, hot)
        self._entered = 0

    async def __aenter__(self) -> Self:
        await self.hot.open(wait=False)
        POOLS.open.add(self)
        return self

    async def __aexit__(self, *raised: object) -> None:
        POOLS.open.discard(self)
        await self.hot.close()
        await self._engine.dispose()

    @asynccontextmanager
    async def transaction(self, tenant: Caller = NOBODY) -> AsyncIterator[AsyncSession]:
        """One transaction for the tenant: commits when the block ends, rolls back when it raises.

        Await nothing but this session inside: a slow neighbour would hold a connection and its row locks.
        Raises DatabaseAway (a ConnectionError) when PostgreSQL cannot be reached, DatabaseBusy (a TimeoutError) when
        it gave up on a statement.
        """
        self._entered += 1
        try:
            with inner_span("transaction", SpanKind.INTERNAL):
                async with self._sessions() as session, session.begin():
                    await session.execute(text(SET), parameters(tenant))
                    yield session
        except PoolExhausted as failure:
            raise exhausted() from failure
        except DBAPIError as failure:
            if (meant := meaning(failure)) is None:
                raise
            raise meant from failure
        finally:
            self._entered -= 1

    async def answers(self) -> Answer:
        """Whether PostgreSQL shows this role its migrated schema now."""
        try:
            async with self.transaction() as session:
                await session.execute(text(PRESENT))
        except (ConnectionError, TimeoutError) as failure:
            return No(str(failure))
        return True

    def fullness(self) -> dict[str, Fullness]:
        """The state of both pools."""
        pool, hot = cast("QueuePool", self._engine.pool), self.hot.get_stats()
        busy, idle = pool.checkedout(), hot.get("pool_available", 0)
        return {
            TRANSACTIONS: Fullness(busy, pool.checkedin(), pool.size(), max(0, self._entered - busy)),
            HOT: Fullness(hot["pool_size"] - idle, idle, hot["pool_max"], hot.get("requests_waiting", 0)),
        }


def meaning(failure: DBAPIError) -> Exception | None:
    """What a caller may make of the driver's error; None where it is a fault of ours."""
    if lacks(failure.orig):
        return unprepared(failure.orig)
    if failure.connection_invalidated or isinstance(failure, InterfaceError):
        return away(failure)
    return operational(failure.orig) if isinstance(failure, OperationalError) else None


def lacks(failure: BaseException | None) -> str:
    """What is not migrated or not granted, empty where that is not the reason.

    A row that a policy refuses has the same SQLSTATE as a missing right, and is a fault of ours.
    """
    found = LACKS.get(getattr(failure, "sqlstate", None) or "", "")
    return "" if "row-level security" in str(failure) else found


def operational(failure: BaseException | None) -> Exception:
    """DatabaseAway or DatabaseBusy, by psycopg's error."""
    state = getattr(failure, "sqlstate", None)
    return away(failure) if state is None or state.startswith(AWAY) else DatabaseBusy("PostgreSQL is too busy.")


def exhausted() -> DatabaseAway:
    POOL_TIMEOUTS.labels(TRANSACTIONS).inc()
    return away(TimeoutError(f"no connection of the pool came free in {WAIT_SECONDS:.0f} s"))


def unprepared(failure: BaseException | None) -> DatabaseAway:
    """Away, for it heals without us when somebody migrates or grants; an alert calls for that somebody."""
    said, lack = reason(failure), lacks(failure)
    UNPREPARED.labels(lack).inc()
    log.error("database_unprepared", lacks=lack, error=said)
    return DatabaseAway(f"PostgreSQL: {said}")


def away(failure: BaseException | None) -> DatabaseAway:
    said = reason(getattr(failure, "orig", failure))
    log.warning("database_away", error=said)
    return DatabaseAway(f"PostgreSQL: {said}")


def hot_pool(dsn: str, size: int) -> AsyncConnectionPool[Any]:
    """Connections in autocommit for HotQuery: one statement is one transaction."""
    return AsyncConnectionPool(
        dsn,
        min_size=0,
        max_size=size,
        open=False,
        timeout=WAIT_SECONDS,
        reconnect_timeout=CONNECT_SECONDS,
        kwargs={"autocommit": True, "prepare_threshold": 1, "connect_timeout": CONNECT_SECONDS},
    )
