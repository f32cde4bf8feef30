"""A role for backups: made by `orrery migrate`, enough for a backup, and no more than that."""

import uuid
from collections.abc import Iterator

import psycopg
import pytest

from admin.backup.errors import BackupImpossible
from admin.backup.keeper import make_keeper
from tests.admin.backup.keeper import Keeper, add_video
from tests.admin.cli import here
from tests.conftest import PASSWORD


@pytest.fixture
def role(keeper: Keeper) -> Iterator[str]:
    """The name of a role that is not there, with a password; gone afterwards."""
    name = f"keeper_{uuid.uuid4().hex}"
    (keeper.passwords / name).write_text(PASSWORD)
    yield name
    (keeper.passwords / name).unlink()
    with keeper.connect() as server:
        if server.execute("SELECT FROM pg_roles WHERE rolname = %s", [name]).fetchone():
            server.execute(f"DROP OWNED BY {name}")
            server.execute(f"DROP ROLE {name}")


def test_migrating_makes_a_role_that_backs_up_every_tenants_rows_and_writes_none(keeper: Keeper, role: str) -> None:
    add_video(keeper, "some tenant's")

    first, second = (here("migrate", told={**keeper.told(), "ORRERY_POSTGRES__KEEPER": role}) for _ in range(2))
    keeper.environment["ORRERY_POSTGRES__ADMIN_USER"] = role
    keeper.do("create")

    assert f"{role}: made" in first.out, first.err
    assert f"{role}: backups can read as it" in second.out
    [media] = [one for one in keeper.listed()[0]["schemas"] if one["name"] == "media"]
    assert media["rows"]["video_metadata"] == 1
    with keeper.connect(user=role) as server, pytest.raises(psycopg.errors.InsufficientPrivilege):
        server.execute("DELETE FROM media.video_metadata")


def test_a_role_that_sees_too_little_is_given_what_it_lacks(keeper: Keeper, role: str) -> None:
    with keeper.connect() as server:
        server.execute(f"CREATE ROLE {role} LOGIN")

    said = make_keeper(keeper.postgres.dsn(database=keeper.database), role, PASSWORD)

    assert said == f"{role}: made, for backups to read as"
    assert keeper.ask("SELECT rolbypassrls FROM pg_roles WHERE rolname = %s", role) == [(True,)]


def test_an_administrator_who_may_not_make_it_is_told_who_may(keeper: Keeper, role: str) -> None:
    with keeper.connect() as server:
        server.execute(
            "DO $$ BEGIN CREATE ROLE small_admin LOGIN CREATEROLE; EXCEPTION WHEN duplicate_object THEN END $$"
        )

    with pytest.raises(BackupImpossible, match=f"a superuser may: CREATE ROLE {role} LOGIN BYPASSRLS") as refused:
        make_keeper(keeper.postgres.dsn(user="small_admin", database=keeper.database), role, PASSWORD)

    assert len(str(refused.value).splitlines()) == 1
    assert keeper.ask("SELECT FROM pg_roles WHERE rolname = %s", role) == []
