"""What stands in the way of a backup or a restore is said in one sentence before anything is touched."""

import base64
import secrets
from collections.abc import Callable
from pathlib import Path

import pytest

from admin.backup.errors import CopyFailed
from admin.backup.hold import alone
from admin.backup.programs import Programs
from services.auth.sealing import MasterKey
from tests.admin.backup.keeper import MEDIA, Keeper, add_video
from tools.stack import ports


@pytest.fixture
def plain_role(keeper: Keeper, passwords: Path) -> str:
    """A login that may read everything and is behind row-level security."""
    with keeper.connect() as server:
        server.execute("DO $$ BEGIN CREATE ROLE backup_keeper LOGIN; EXCEPTION WHEN duplicate_object THEN END $$")
        server.execute("ALTER ROLE backup_keeper NOBYPASSRLS")
        server.execute("GRANT pg_read_all_data TO backup_keeper")
    (passwords / "backup_keeper").write_text("unused")
    return "backup_keeper"


def test_a_role_that_row_level_security_hides_rows_from_is_refused(keeper: Keeper, plain_role: str) -> None:
    keeper.environment["ORRERY_POSTGRES__ADMIN_USER"] = plain_role

    assert f"ALTER ROLE {plain_role} BYPASSRLS" in keeper.refused("create")
    assert keeper.listed() == []


def test_a_role_that_only_reads_all_is_enough_for_backups(keeper: Keeper, plain_role: str) -> None:
    add_video(keeper, "some tenant's")
    with keeper.connect() as server:
        server.execute(f"ALTER ROLE {plain_role} BYPASSRLS")
    keeper.environment["ORRERY_POSTGRES__ADMIN_USER"] = plain_role

    keeper.do("create")

    [media] = [one for one in keeper.listed()[0]["schemas"] if one["name"] == "media"]
    assert media["rows"]["video_metadata"] == 1


def test_a_role_without_rights_is_told_what_it_may_not_read(keeper: Keeper, plain_role: str) -> None:
    with keeper.connect() as server:
        server.execute(f"ALTER ROLE {plain_role} BYPASSRLS")
        server.execute(f"REVOKE pg_read_all_data FROM {plain_role}")
    keeper.environment["ORRERY_POSTGRES__ADMIN_USER"] = plain_role

    assert "permission denied" in keeper.refused("create")


def test_a_second_backup_at_the_same_time_is_refused(keeper: Keeper) -> None:
    with alone(keeper.postgres.dsn(database=keeper.database)):
        assert "Another backup runs" in keeper.refused("create")


def test_a_target_that_is_not_empty_is_named_and_left_alone(keeper: Keeper) -> None:
    add_video(keeper, "before")
    keeper.do("create")
    add_video(keeper, "after")

    said = keeper.refused("restore", "latest", "--without-kafka")

    assert "media.video_metadata with 2 rows" in said
    assert f"bucket {MEDIA}" in said
    assert "--force-overwrite" in said
    assert keeper.ask("SELECT count(*) FROM media.video_metadata") == [(2,)]


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (["orrery-medai=elsewhere"], "The backup has no bucket orrery-medai; it has orrery-media, orrery-auth."),
        (["orrery-auth=orrery-media"], "orrery-media and orrery-auth would both become the bucket orrery-media."),
        (["orrery-auth=one", "orrery-auth=two"], "once for each OLD, not 'orrery-auth=two'"),
    ],
    ids=["mistyped", "mixed", "twice"],
)
def test_buckets_that_would_go_where_nobody_wished_are_refused(
    keeper: Keeper, options: list[str], sentence: str
) -> None:
    keeper.do("create")
    keeper.put(MEDIA, "what came after", b"1")
    chosen = [word for one in options for word in ("--bucket", one)]

    said = keeper.refused("restore", "latest", "--without-kafka", "--force-overwrite", *chosen)

    assert sentence in said
    assert keeper.objects() == {f"{MEDIA}/what came after": b"1"}


def test_what_a_backup_that_is_being_made_may_rely_on_is_not_taken_away(keeper: Keeper) -> None:
    add_video(keeper, "a film")
    keeper.do("create")
    [kept] = [path for path in keeper.folder.glob("pool/*/*") if path.is_file()]
    with alone(keeper.postgres.dsn(database=keeper.database)):
        assert "Another backup runs" in keeper.refused("verify", "--restore-into-scratch")
        kept.write_bytes(b"damaged")
        assert "Another backup runs" in keeper.refused("verify", "--discard-damaged")

    assert kept.exists()


def test_overwriting_leaves_nothing_of_what_came_after(keeper: Keeper) -> None:
    add_video(keeper, "before")
    keeper.do("create")
    objects = keeper.objects()
    add_video(keeper, "after")

    said = keeper.do("restore", "latest", "--without-kafka", "--force-overwrite")

    assert keeper.ask("SELECT title FROM media.video_metadata") == [("before",)]
    assert keeper.objects() == objects
    assert "0 of them written now; 1 others removed" in said


def test_a_database_that_the_fleet_uses_is_left_alone(keeper: Keeper) -> None:
    keeper.do("create")
    with keeper.connect(user="auth_app"):
        said = keeper.refused("restore", "latest", "--without-kafka", "--force-overwrite")

    assert "auth_app has 1" in said


def test_processes_that_are_ending_are_waited_for(keeper: Keeper) -> None:
    keeper.do("create")
    with keeper.connect(user="auth_app"):
        restore = keeper.start("restore", "latest", "--without-kafka", "--force-overwrite", "--wait", "60")
        assert restore.stdout
        waits = restore.stdout.readline()
    said, _ = restore.communicate()

    assert waits == "waiting for the fleet's sessions to end: auth_app has 1\n"
    assert "is restored" in said


def test_a_login_that_is_missing_is_named(keeper: Keeper) -> None:
    with keeper.connect() as server:
        server.execute("CREATE ROLE late_owner; CREATE ROLE late_app; CREATE SCHEMA late AUTHORIZATION late_owner")
    keeper.do("create")
    with keeper.connect() as server:
        server.execute("DROP SCHEMA late; DROP ROLE late_app; DROP ROLE late_owner")

    assert "There is no role late_app, late_owner" in keeper.refused("restore", "latest", "--without-kafka")


@pytest.fixture
def sealed(keeper: Keeper, master_key: Path) -> Path:
    """A fleet with a data key under the master key."""
    master = MasterKey.read(master_key)
    with keeper.connect() as server:
        server.execute(
            "INSERT INTO auth.data_key (id, sealed_key, sealed_by) VALUES (gen_random_uuid(), 'x', %s)", [master.id]
        )
    keeper.do("create")
    return master_key


def test_another_master_key_is_noticed_before_it_is_needed(keeper: Keeper, sealed: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.key"
    other.write_bytes(base64.b64encode(secrets.token_bytes(32)))
    needed = MasterKey.read(sealed).id

    keeper.environment["ORRERY_KEYS__MASTER"] = str(sealed)
    good = keeper.do("verify")
    keeper.environment["ORRERY_KEYS__MASTER"] = str(other)

    assert "is good" in good
    assert needed in keeper.refused("verify")
    assert needed in keeper.refused("restore", "latest", "--without-kafka", "--force-overwrite")
    keeper.do("restore", "latest", "--without-kafka", "--force-overwrite", "--without-master-key")


def test_the_master_key_is_in_no_file_of_a_backup(keeper: Keeper, sealed: Path) -> None:
    secret = sealed.read_bytes()

    kept = [path.read_bytes() for path in keeper.folder.rglob("*") if path.is_file()]

    assert kept
    assert not any(secret in content or base64.b64decode(secret) in content for content in kept)


@pytest.mark.parametrize(
    ("names", "sentence"),
    [
        ({"ORRERY_BUCKETS": "orrery-media,not-there"}, "not-there"),
        ({"ORRERY_BLOBS__ENDPOINT": "http://127.0.0.1:{closed}"}, "does not answer"),
        ({"ORRERY_POSTGRES__URL": "postgresql://127.0.0.1:{closed}/orrery"}, "PostgreSQL"),
        ({"ORRERY_KAFKA__BROKERS": "127.0.0.1:{closed}"}, "Kafka"),
        ({"ORRERY_BACKUP__FOLDER": "/proc/no"}, "cannot be written"),
        ({"ORRERY_BACKUP__FOLDER": ""}, "ORRERY_BACKUP__FOLDER"),
        ({"ORRERY_BACKUP__PROGRAMS": "/var/empty"}, "pg_dump is not there"),
        ({"ORRERY_BACKUP__PREFIX": "../up"}, "ORRERY_BACKUP__PREFIX"),
        ({"ORRERY_BACKUP__LONGEST_HOURS": "19"}, "ORRERY_BACKUP__LONGEST_HOURS"),
        ({"ORRERY_BACKUP__AUTHORITY": "/nowhere"}, "ORRERY_BACKUP__AUTHORITY"),
    ],
    ids=["bucket", "s3", "postgres", "kafka", "folder", "no-place", "programs", "prefix", "hours", "authority"],
)
def test_what_is_missing_is_said_in_a_line(keeper: Keeper, names: dict[str, str], sentence: str) -> None:
    closed = ports.free()
    keeper.environment.update({name: value.format(closed=closed) for name, value in names.items()})

    said = keeper.refused("create")

    assert sentence in said
    assert len(said.strip().splitlines()) <= 2


def test_a_restore_needs_no_schema_to_be_there(keeper: Keeper, new_database: Callable[..., str]) -> None:
    video = add_video(keeper, "a film")
    keeper.do("create")
    keeper.wipe_objects()

    keeper.database = new_database("template0")
    keeper.do("restore", "latest", "--without-kafka")

    with keeper.connect(user="media_app") as app, app.transaction():
        app.execute("SELECT set_config('app.system', 'on', true)")
        assert app.execute("SELECT video_id FROM media.video_metadata").fetchall() == [(video,)]


def test_the_fleets_passwords_are_in_no_message(keeper: Keeper, passwords: Path) -> None:
    keeper.environment["ORRERY_POSTGRES__URL"] = f"postgresql://127.0.0.1:{ports.free()}/orrery"

    assert (passwords / "admin").read_text() not in keeper.refused("create")


def test_the_programs_speak_tls(keeper: Keeper) -> None:
    """Those of the wheel were built without it; a server without it then says so, not they."""
    dsn = f"{keeper.postgres.dsn(database=keeper.database)}?sslmode=require"

    with pytest.raises(CopyFailed, match="server does not support SSL"):
        list(Programs().read_from("pg_dump", dsn))
