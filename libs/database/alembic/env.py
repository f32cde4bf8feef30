"""The Alembic environment of every service: its models' tables, its own version table in its own schema."""

import pkgutil
from importlib import import_module

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


def migrate() -> None:
    engine = create_engine(attributes["dsn"], poolclass=pool.NullPool)
    with engine.connect() as connection:
        import_models(attributes["package"])
        context.configure(connection=connection, target_metadata=Model.metadata, transaction_per_migration=True)
        with context.begin_transaction():
            context.run_migrations()


if context.is_offline_mode():
    context.configure(dialect_name="postgresql", literal_binds=True)
    with context.begin_transaction():
        context.run_migrations()
else:
    migrate()
