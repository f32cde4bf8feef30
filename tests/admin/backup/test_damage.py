"""Whatever is damaged, missing or changed in a backup is named, and nothing of it is restored."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.admin.backup.keeper import MEDIA, Keeper, add_video


@pytest.fixture
def backed_up(keeper: Keeper) -> Keeper:
    add_video(keeper, "a film", content=b"the content of a film" * 100)
    keeper.do("create")
    return keeper


def files(keeper: Keeper, pattern: str) -> Path:
    """The one file of the store that is meant."""
    [found] = [path for path in keeper.folder.rglob(pattern) if path.is_file()]
    return found


def flip(path: Path) -> None:
    """Turn one bit in the middle."""
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


@pytest.mark.parametrize("pattern", ["media.dump", "pool/*/*", "000000.jsonl.gz"], ids=["dump", "object", "list"])
@pytest.mark.parametrize("harm", [flip, Path.unlink], ids=["flipped", "removed"])
def test_a_flipped_bit_or_a_missing_file_is_named(
    backed_up: Keeper, pattern: str, harm: Callable[[Path], None]
) -> None:
    harmed = files(backed_up, pattern)
    harm(harmed)

    said = backed_up.refused("verify")

    assert str(harmed.relative_to(backed_up.folder)) in said
    assert ("damaged" in said) is harmed.exists()


def test_the_object_that_is_damaged_is_named_as_the_fleet_knows_it(backed_up: Keeper) -> None:
    [key] = backed_up.objects()
    flip(files(backed_up, "pool/*/*"))

    assert key in backed_up.refused("verify")


def test_a_damaged_object_is_not_restored(backed_up: Keeper, new_database: Callable[..., str]) -> None:
    flip(files(backed_up, "pool/*/*"))
    backed_up.wipe_objects()
    backed_up.database = new_database()

    said = backed_up.refused("restore", "latest", "--without-kafka", "--without-verify")

    assert "damaged" in said
    assert backed_up.objects() == {}


def test_a_damaged_dump_is_not_restored_in_part(backed_up: Keeper, new_database: Callable[..., str]) -> None:
    flip(files(backed_up, "media.dump"))
    backed_up.wipe_objects()
    backed_up.database = new_database()

    said = backed_up.refused("restore", "latest", "--without-kafka", "--without-verify")

    assert "media.dump" in said
    assert backed_up.ask("SELECT to_regclass('media.video_metadata')") == [(None,)]


@pytest.mark.parametrize("pattern", ["media.dump", "pool/*/*"], ids=["dump", "object"])
def test_a_damaged_backup_replaces_nothing(backed_up: Keeper, pattern: str) -> None:
    flip(files(backed_up, pattern))
    add_video(backed_up, "what came after", content=b"another film")
    before = backed_up.objects()

    said = backed_up.refused("restore", "latest", "--without-kafka", "--force-overwrite")

    assert "nothing was touched" in said
    assert len(said.splitlines()) == 1
    assert backed_up.ask("SELECT count(*) FROM media.video_metadata") == [(2,)]
    assert backed_up.objects() == before


def test_what_was_discarded_is_copied_anew_by_the_next_backup(backed_up: Keeper) -> None:
    flip(files(backed_up, "pool/*/*"))
    backed_up.refused("verify", "--discard-damaged")

    said = backed_up.do("create")

    assert "1 of them copied now" in said
    assert "is good" in backed_up.do("verify")


def test_a_changed_manifest_is_refused(backed_up: Keeper) -> None:
    path = files(backed_up, "manifest.json")
    manifest = json.loads(path.read_text())
    manifest["manifest"]["schemas"][0]["rows"] = {}
    path.write_text(json.dumps(manifest))

    assert "was changed" in backed_up.refused("verify")
    assert "was changed" in backed_up.refused("restore", "latest", "--without-kafka")


def test_a_backup_without_its_manifest_is_none(backed_up: Keeper) -> None:
    files(backed_up, "manifest.json").unlink()

    assert backed_up.listed() == []
    assert "There is no backup" in backed_up.refused("restore", "latest")


def test_a_broken_newest_backup_does_not_stop_the_next(backed_up: Keeper) -> None:
    files(backed_up, "manifest.json").write_text("{")

    said = backed_up.do("create")

    assert "1 of them copied now" in said
    assert backed_up.ask("SELECT count(*) FROM media.video_metadata") == [(1,)]


def test_pruning_removes_nothing_while_a_kept_manifest_cannot_be_read(backed_up: Keeper) -> None:
    backed_up.put(MEDIA, "another", b"1")
    backed_up.do("create")
    newest = max((backed_up.folder / "backups").iterdir()) / "manifest.json"
    newest.write_text("{")

    backed_up.refused("prune", "--keep", "1")

    assert len([path for path in backed_up.folder.glob("pool/*/*") if path.is_file()]) == 2
