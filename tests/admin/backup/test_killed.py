"""Killed at any moment: no half backup is seen, and the next run works; a restore goes on where it was."""

import os
import signal
import subprocess
import time
from collections.abc import Callable

import pytest

from tests.admin.backup.keeper import MEDIA, Keeper, add_video
from tests.admin.cli import Said, here

COUNT = 150


@pytest.fixture
def with_objects(keeper: Keeper) -> Keeper:
    for number in range(COUNT):
        keeper.put(MEDIA, f"some/{number}", os.urandom(20_000))
    add_video(keeper, "a film")
    return keeper


def kill_when(process: "subprocess.Popen[str]", happens: Callable[[], bool]) -> None:
    """Kill it in the middle: it must live when that happens."""
    limit = time.monotonic() + 60
    while not happens():
        assert process.poll() is None, process.communicate()[0]
        assert time.monotonic() < limit
        time.sleep(0.005)
    process.send_signal(signal.SIGKILL)
    assert process.wait(10) == -signal.SIGKILL
    process.communicate()


def pool(keeper: Keeper) -> int:
    return sum(1 for path in keeper.folder.glob("pool/*/*") if not path.name.startswith("."))


def test_a_killed_copy_of_objects_is_no_backup_and_the_next_run_is_one(with_objects: Keeper) -> None:
    kill_when(with_objects.start("create"), lambda: pool(with_objects) > 3)
    killed = with_objects.listed()

    with_objects.do("create")

    assert killed == []
    assert len(with_objects.listed()) == 1
    assert len(list((with_objects.folder / "backups").iterdir())) == 1
    assert "is good" in with_objects.do("verify")


def test_a_killed_dump_is_no_backup_and_holds_nothing(with_objects: Keeper) -> None:
    with with_objects.connect() as server, server.transaction():
        server.execute("LOCK TABLE media.video_metadata IN ACCESS EXCLUSIVE MODE")  # a dump of it waits
        kill_when(with_objects.start("create"), lambda: bool(list(with_objects.folder.rglob("auth.dump"))))

    with_objects.do("create")

    assert len(with_objects.listed()) == 1


def test_a_restore_that_was_killed_in_the_schemas_goes_on(
    with_objects: Keeper, new_database: Callable[..., str]
) -> None:
    with_objects.do("create")
    objects = with_objects.objects()
    with_objects.wipe_objects()
    with_objects.database = new_database()
    begun = "SELECT to_regclass('orrery_restore.progress') IS NOT NULL"

    kill_when(with_objects.start("restore", "latest", "--without-kafka"), lambda: with_objects.ask(begun) == [(True,)])
    said = with_objects.do("restore", "latest", "--without-kafka")

    assert "going on" in said
    assert with_objects.objects() == objects
    assert with_objects.ask("SELECT title FROM media.video_metadata") == [("a film",)]
    assert with_objects.ask(begun) == [(False,)]


def test_a_restore_that_was_killed_in_the_objects_goes_on(
    with_objects: Keeper, new_database: Callable[..., str]
) -> None:
    with_objects.do("create")
    objects = with_objects.objects()
    with_objects.wipe_objects()
    with_objects.database = new_database()

    def some_there() -> bool:
        return next(iter(with_objects.buckets.list_objects(MEDIA)), None) is not None

    kill_when(with_objects.start("restore", "latest", "--without-kafka"), some_there)
    said = with_objects.do("restore", "latest", "--without-kafka")

    assert "going on" in said
    assert f"{COUNT + 1} of them written now" not in said
    assert with_objects.objects() == objects


def test_what_is_half_restored_is_told_and_neither_migrated_nor_backed_up(
    keeper: Keeper, new_database: Callable[..., str]
) -> None:
    keeper.do("create")
    keeper.database = new_database()
    told = {name: text for name, text in keeper.told().items() if name.startswith("ORRERY_POSTGRES__")}
    begun = "SELECT to_regclass('orrery_restore.progress') IS NOT NULL"

    kill_when(keeper.start("restore", "latest", "--without-kafka"), lambda: keeper.ask(begun) == [(True,)])
    examined, migrated, logins = (here(*one, told=told) for one in (["doctor"], ["migrate"], ["migrate", "--logins"]))
    backed_up = keeper.refused("create")
    keeper.do("restore", "latest", "--without-kafka")

    assert [line.split()[:2] for line in examined.out.splitlines() if line[:2] != "--"] == [["FAIL", "restore"]]
    assert "the same `orrery backup restore` again" in examined.out
    assert (migrated.status, migrated.err.count("\n")) == (1, 1)
    assert "A restore has begun and not ended" in migrated.err
    assert "A restore has begun and not ended" in backed_up
    assert logins == Said(0, "", "")
    assert here("migrate", told=told).status == 0


def test_another_backup_is_not_restored_over_a_half_restored_one(
    with_objects: Keeper, new_database: Callable[..., str]
) -> None:
    with_objects.do("create")
    first = with_objects.listed()[0]["id"]
    with_objects.do("create")
    with_objects.wipe_objects()
    with_objects.database = new_database()

    kill_when(
        with_objects.start("restore", first, "--without-kafka"),
        lambda: next(iter(with_objects.buckets.list_objects(MEDIA)), None) is not None,
    )

    assert "--force-overwrite" in with_objects.refused("restore", "latest", "--without-kafka")
    with_objects.do("restore", "latest", "--without-kafka", "--force-overwrite")
