"""What was backed up comes back: every schema as it was at one moment, every object, and nothing else."""

import uuid
from collections.abc import Callable

import psycopg
import pytest

from tests.admin.backup.keeper import AUTH, MEDIA, Keeper, add_video

FINGERPRINTS = """
SELECT n.nspname || '.' || c.relname, c.relkind::text, pg_get_userbyid(c.relowner), c.relrowsecurity,
       c.relforcerowsecurity, array(SELECT unnest(coalesce(c.relacl, acldefault('r', c.relowner)))::text ORDER BY 1)
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE pg_get_userbyid(n.nspowner) = n.nspname || '_owner' AND c.relkind <> 'S' ORDER BY 1
"""
RIGHTS_OF_FUNCTIONS = """
SELECT p.oid::regprocedure::text, p.prosecdef, array(SELECT unnest(p.proacl)::text ORDER BY 1)
FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
WHERE pg_get_userbyid(n.nspowner) = n.nspname || '_owner' ORDER BY 1
"""
DEFAULTS = "SELECT defaclrole::regrole::text, defaclobjtype::text, defaclacl::text FROM pg_default_acl ORDER BY 1, 2, 3"
POLICIES = "SELECT schemaname, tablename, policyname, qual, with_check FROM pg_policies ORDER BY 1, 2, 3"


def test_all_rows_and_objects_come_back_into_an_empty_fleet(keeper: Keeper, new_database: Callable[..., str]) -> None:
    tenants = [uuid.uuid4() for _ in range(3)]
    for number, tenant in enumerate(tenants):
        add_video(keeper, f"of tenant {number}", tenant, content=b"x" * number)
    keeper.put(AUTH, "exports/7/archive.zip", b"a person's data", "application/zip")
    rows, objects = keeper.ask("SELECT * FROM media.video_metadata ORDER BY video_id"), keeper.objects()

    keeper.do("create")
    keeper.wipe_objects()
    keeper.database = new_database()
    said = keeper.do("restore", "latest", "--without-kafka")

    assert keeper.ask("SELECT * FROM media.video_metadata ORDER BY video_id") == rows
    assert len(rows) == 3
    assert keeper.objects() == objects
    assert len(objects) == 4
    assert keeper.buckets.stat_object(AUTH, "exports/7/archive.zip").content_type == "application/zip"
    assert "orrery migrate" in said


def test_owners_rights_and_walls_are_the_same_as_before(keeper: Keeper, new_database: Callable[..., str]) -> None:
    queries = (FINGERPRINTS, RIGHTS_OF_FUNCTIONS, DEFAULTS, POLICIES)
    before = [keeper.ask(query) for query in queries]

    keeper.do("create")
    keeper.database = new_database()
    keeper.do("restore", "latest", "--without-kafka")

    assert [keeper.ask(query) for query in queries] == before
    assert all(before)


def test_after_a_restore_the_wall_between_tenants_stands_and_the_log_cannot_be_changed(
    keeper: Keeper, new_database: Callable[..., str]
) -> None:
    tenant = uuid.uuid4()
    add_video(keeper, "mine", tenant)
    add_video(keeper, "somebody else's")

    keeper.do("create")
    keeper.wipe_objects()
    keeper.database = new_database()
    keeper.do("restore", "latest", "--without-kafka")

    with keeper.connect(user="media_app") as app, app.transaction():
        app.execute("SELECT set_config('app.organization_id', %s, true)", [str(tenant)])
        app.execute("SELECT set_config('app.user_id', '7', true)")
        assert app.execute("SELECT title FROM media.video_metadata").fetchall() == [("mine",)]
    with keeper.connect(user="history_app") as app, pytest.raises(psycopg.errors.InsufficientPrivilege):
        app.execute("DELETE FROM history.audit_log")


def test_numbers_go_on_beyond_those_that_were_given_out_later(keeper: Keeper, new_database: Callable[..., str]) -> None:
    last = add_video(keeper, "before the backup")
    keeper.do("create")
    later = add_video(keeper, "after the backup")

    keeper.database = new_database()
    keeper.wipe_objects()
    keeper.do("restore", "latest", "--without-kafka", "--id-gap", "5000")

    assert add_video(keeper, "after the restore") == last + 5001 > later


def test_columns_of_an_extension_and_generated_ones_come_back(keeper: Keeper, new_database: Callable[..., str]) -> None:
    with keeper.connect() as server:
        server.execute("CREATE EXTENSION vector SCHEMA ai")
        server.execute("SET ROLE ai_owner")
        server.execute("SET search_path = ai")
        server.execute(
            "CREATE TABLE passage (id int GENERATED ALWAYS AS IDENTITY, text text, embedding vector(3),"
            " length int GENERATED ALWAYS AS (length(text)) STORED)"
        )
        server.execute("INSERT INTO passage (text, embedding) VALUES ('orbit', '[1,2,3]'), ('moon', '[0,0,1]')")
        server.execute("CREATE INDEX ON passage USING hnsw (embedding vector_l2_ops)")
    keeper.do("create")
    keeper.do("verify", "--restore-into-scratch")

    keeper.database = new_database()
    keeper.do("restore", "latest", "--without-kafka")

    nearest = "SELECT text, length FROM ai.passage ORDER BY embedding OPERATOR(ai.<->) '[0,0,2]' LIMIT 1"
    assert keeper.ask(nearest) == [("moon", 4)]
    assert keeper.ask("SELECT count(*) FROM pg_indexes WHERE indexdef LIKE '%hnsw%'") == [(1,)]


def test_a_schema_of_an_older_release_is_restored_and_then_migrated(
    keeper: Keeper, new_database: Callable[..., str]
) -> None:
    with keeper.connect(user="control_owner") as owner:
        owner.execute("ALTER TABLE control.outbox DROP COLUMN address")
        owner.execute("UPDATE control.alembic_version SET version_num = '0001'")
    keeper.do("create")

    keeper.database = new_database()
    keeper.do("restore", "latest", "--without-kafka")
    before = keeper.ask("SELECT version_num FROM control.alembic_version")
    keeper.migrate()

    assert before == [("0001",)]
    assert keeper.ask("SELECT version_num FROM control.alembic_version") == [("0002",)]
    assert keeper.ask("SELECT address FROM control.outbox") == []


def test_what_is_none_of_the_fleets_is_named_and_left_out(keeper: Keeper) -> None:
    with keeper.connect() as server:
        server.execute("CREATE SCHEMA somebodys")

    said = keeper.do("create")

    assert "somebodys" in said
    assert [one["name"] for one in keeper.listed()[0]["schemas"]] == [
        "ai",
        "auth",
        "control",
        "domain",
        "history",
        "media",
    ]


def test_an_object_is_copied_once_for_all_backups(keeper: Keeper) -> None:
    add_video(keeper, "first", content=b"1" * 1000)
    first = keeper.do("create")
    add_video(keeper, "second", content=b"2" * 10)
    second = keeper.do("create")

    assert "1 of them copied now (1000 bytes)" in first
    assert "2 objects, 1 of them copied now (10 bytes)" in second
    assert len(list((keeper.folder / "pool").rglob("*/*"))) == 2


def test_an_object_of_the_same_key_and_other_content_is_another(
    keeper: Keeper, new_database: Callable[..., str]
) -> None:
    keeper.put(MEDIA, "replaced", b"before")
    keeper.do("create")
    first = keeper.listed()[0]["id"]
    keeper.put(MEDIA, "replaced", b"behind")
    keeper.do("create")

    keeper.database = new_database()
    keeper.do("restore", first, "--without-kafka", "--force-overwrite")

    assert keeper.objects() == {f"{MEDIA}/replaced": b"before"}


def test_pruning_removes_the_oldest_and_the_objects_that_only_they_had(keeper: Keeper) -> None:
    keeper.put(MEDIA, "gone later", b"1")
    keeper.put(MEDIA, "stays", b"22")
    keeper.do("create")
    keeper.buckets.remove_object(MEDIA, "gone later")
    keeper.environment["ORRERY_BACKUP__KEEP"] = "1"
    keeper.do("create")

    assert len(keeper.listed()) == 1
    assert [file.read_bytes() for file in (keeper.folder / "pool").rglob("*") if file.is_file()] == [b"22"]
    assert "is good" in keeper.do("verify")
