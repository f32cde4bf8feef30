"""Schemas are made once, and again only where something has changed."""

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from tools.stack import ports, schemas, start
from tools.stack.environment import Surroundings
from tools.stack.layout import Deployable, Layout, load


@pytest.fixture
def told(folder: Path) -> Iterator[Surroundings]:
    """A stack whose only service has a schema and no migrations; its PostgreSQL runs."""
    dummy = Deployable("dummy", "tests.tools.stack.dummy", ("database",), "dummy", 0, 0)
    told = start.surroundings(Layout(folder, {**load({}).ports, "postgres": ports.free()}, (dummy,)))
    postgres = told.stores.own[0]
    postgres.install()
    postgres.start()
    yield told
    postgres.stop()
    postgres.wipe()


def test_a_schema_is_made_once_with_a_login_that_owns_nothing(told: Surroundings) -> None:
    assert schemas.outdated(told) == ["dummy"]

    assert schemas.bring_up_to_date(told) == ["dummy"]

    assert schemas.bring_up_to_date(told) == []
    app = told.own(told.layout.deployables[0])["ORRERY_DATABASE__DSN"]
    with psycopg.connect(app) as server, pytest.raises(psycopg.errors.InsufficientPrivilege):
        server.execute("CREATE TABLE dummy.mine ()")


def test_a_fresh_server_has_no_schema_whatever_was_written_down(told: Surroundings) -> None:
    schemas.bring_up_to_date(told)
    postgres = told.stores.own[0]

    postgres.stop()
    postgres.wipe()
    postgres.start()

    assert schemas.outdated(told) == ["dummy"]
