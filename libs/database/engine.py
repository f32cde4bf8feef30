"""Connections and transactions."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Self

from opentelemetry.trace import SpanKind
from psycopg_pool import AsyncConnectionPool
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolExhausted
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine

from libs.database.tenant import SET, Caller, Tenant, parameters
from libs.database.tracing import trace_statements
from libs.settings import DatabaseSettings
from libs.telemetry import get_logger, inner_span

log = get_logger(__name__)
NOBODY = Tenant()
CONNECT_SECONDS = 5
WAIT_SECONDS = 5.0


# SQLSTATEs that mean "not now": connection exceptions, no resources, shutting down or starting. A statement that was
# cancelled, dead-locked or waited too long for a lock is an OperationalError too, and is nothing of the kind.
AWAY = ("08", "53", "57P")


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

    async def __aenter__(self) -> Self:
        await self.hot.open(wait=False)
        return self

    async def __aexit__(self, *raised: object) -> None:
        await self.hot.close()
        await self._engine.dispose()

    @asynccontextmanager
    async def transaction(self, tenant: Caller = NOBODY) -> AsyncIterator[AsyncSession]:
        """One transaction for the tenant: commits when the block ends, rolls back when it raises.

        Await nothing but this session inside: a slow neighbour would hold a connection and its row locks.
        Raises DatabaseAway (a ConnectionError) when PostgreSQL cannot be reached, DatabaseBusy (a TimeoutError) when
        it gave up on a statement.
        """
        try:
            with inner_span("transaction", SpanKind.INTERNAL):
                async with self._sessions() as session, session.begin():
                    await session.execute(text(SET), parameters(tenant))
                    yield session
        except PoolExhausted as failure:
            raise away(failure) from failure
        except DBAPIError as failure:
            if (meant := meaning(failure)) is None:
                raise
            raise meant from failure

    async def answers(self) -> bool:
        """Whether PostgreSQL runs a statement now."""
        try:
            async with self.transaction() as session:
                await session.execute(text("SELECT 1"))
        except (ConnectionError, TimeoutError):
            return False
        return True


def meaning(failure: DBAPIError) -> Exception | None:
    """What a caller may make of the driver's error; None where it is a fault of ours."""
    if failure.connection_invalidated or isinstance(failure, InterfaceError):
        return away(failure)
    return operational(failure.orig) if isinstance(failure, OperationalError) else None


def operational(failure: BaseException | None) -> Exception:
    """DatabaseAway or DatabaseBusy, by psycopg's error."""
    state = getattr(failure, "sqlstate", None)
    return away(failure) if state is None or state.startswith(AWAY) else DatabaseBusy("PostgreSQL is too busy.")


def away(failure: BaseException | None) -> DatabaseAway:
    log.warning("database_away", error=str(failure).partition("\n")[0])
    return DatabaseAway("PostgreSQL does not answer.")


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
