"""The Alembic environment of every service: its models' tables, its own version table in its own schema."""

import pkgutil
from collections.abc import Callable
from importlib import import_module
from typing import Any

from alembic import context
from sqlalchemy import create_engine, pool

from libs.database.model import Model

attributes = context.config.attributes


def import_models(package: str) -> None:
    """Import each feature's models so that autogenerate sees them."""
    found = import_module(package)
    for module in pkgutil.walk_packages(found.__path__, f"{package}."):
        if module.name.endswith(".models"):
            import_module(module.name)


def own_tables(package: str) -> set[str]:
    """Names of the tables that the service's models describe; outbox, inbox and jobs are their libraries'."""
    mappers = Model.registry.mappers
    return {str(mapper.local_table) for mapper in mappers if mapper.class_.__module__.startswith(f"{package}.")}


def compared(package: str) -> Callable[..., bool]:
    """What autogenerate looks at. It proposes no removal: those take two releases and are written by hand."""
    tables = own_tables(package)

    def includes(item: Any, name: str, kind: str, reflected: bool, counterpart: Any) -> bool:
        table = item.name if kind == "table" else item.table.name
        return table in tables and not (reflected and counterpart is None)

    return includes


def migrate() -> None:
    engine = create_engine(attributes["dsn"], poolclass=pool.NullPool)
    with engine.connect() as connection:
        import_models(attributes["package"])
        context.configure(
            connection=connection,
            target_metadata=Model.metadata,
            transaction_per_migration=True,
            include_object=compared(attributes["package"]),
        )
        with context.begin_transaction():
            context.run_migrations()


if context.is_offline_mode():
    context.configure(dialect_name="postgresql", literal_binds=True, dialect_opts={"paramstyle": "named"})
    with context.begin_transaction():
        context.run_migrations()
else:
    migrate()
