"""What others keep beside backups is theirs, and what a manifest names elsewhere is not followed."""

import gzip
import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from admin.backup import manifest
from admin.backup.errors import BackupBroken
from admin.backup.stores.folder import FolderStore
from tests.admin.backup.keeper import Keeper, add_video

OTHERS = (
    "backups/junk/manifest.json",
    "backups/notes.txt",
    "backups/site/2026.tar",
    "backups/20261121T000000Z/readme.txt",
    "backups/20269921T000000Z/objects/000000.jsonl.gz",
    "backups/site/.draft-ours",
    "pool/table.csv",
    "pool/ab/ab",
    "another/pool/ab",
)


@pytest.fixture
def shared(keeper: Keeper) -> Keeper:
    """Backups in a folder that somebody else uses too."""
    for name in OTHERS:
        path = keeper.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("theirs")
    return keeper


def forge(keeper: Keeper, change: Callable[[dict[str, Any]], None]) -> None:
    """Another manifest for the only backup, with the right sum."""
    [path] = list(keeper.folder.glob("backups/*T*Z/manifest.json"))
    whole = json.loads(path.read_text())
    change(whole["manifest"])
    path.write_text(json.dumps({"sha256": manifest.digest(whole["manifest"]), "manifest": whole["manifest"]}))


def test_nothing_of_others_is_removed_listed_or_taken_for_a_backup(shared: Keeper) -> None:
    for content in (b"first", b"second"):
        shared.wipe_objects()
        add_video(shared, "a film", content=content)
        shared.do("create")

    assert "1 backups removed" in shared.do("prune", "--keep", "1")

    assert {name: (shared.folder / name).read_text() for name in OTHERS} == dict.fromkeys(OTHERS, "theirs")
    assert len(shared.listed()) == 1
    assert "is good" in shared.do("verify", "latest")
    assert len([one for one in shared.folder.glob("pool/??/*") if len(one.name) == 64]) == 1


def test_links_to_nowhere_are_in_nobodys_way(shared: Keeper) -> None:
    add_video(shared, "a film")
    shared.do("create")
    for name in ("dangling", "backups/dangling", f"pool/ab/{'a' * 64}", "backups/20251121T000000Z/manifest.json"):
        (shared.folder / name).parent.mkdir(exist_ok=True)
        (shared.folder / name).symlink_to("nowhere")

    assert len(shared.listed()) == 1
    assert "is good" in shared.do("verify", "latest")
    shared.do("create")


def test_a_list_that_names_a_file_elsewhere_is_refused_and_removes_nothing(keeper: Keeper, tmp_path: Path) -> None:
    add_video(keeper, "a film")
    keeper.do("create")
    secret = tmp_path / "secret"
    secret.write_text("theirs")
    [listed] = keeper.folder.glob("backups/*/objects/*")
    entry = json.loads(gzip.decompress(listed.read_bytes())) | {"file": "../secret"}
    listed.write_bytes(gzip.compress(json.dumps(entry).encode()))

    def right_sum(told: dict[str, Any]) -> None:
        content = listed.read_bytes()
        told["objects"][0] |= {"sha256": hashlib.sha256(content).hexdigest(), "bytes": len(content)}

    forge(keeper, right_sum)

    said = keeper.refused("verify", "--discard-damaged")

    assert secret.read_text() == "theirs"
    assert "000000.jsonl.gz cannot be read" in said


@pytest.mark.parametrize("file", ["../secret", "/etc/hostname", "backups/20260101T000000Z/schemas/media.dump"], ids=str)
def test_a_manifest_that_names_a_file_elsewhere_is_refused(keeper: Keeper, file: str) -> None:
    keeper.do("create")
    forge(keeper, lambda told: told["schemas"][0].update(file=file))

    said = keeper.refused("verify")

    assert "cannot be read" in said
    assert "secret" not in said


@pytest.mark.parametrize("which", ["junk", "../../x", "/srv", "20269921T000000Z"], ids=str)
def test_a_backup_of_another_name_is_none(shared: Keeper, which: str) -> None:
    assert f"There is no backup {which} in" in shared.refused("verify", which)


@pytest.mark.parametrize("name", ["../secret", "/etc/hostname", "backups/junk/manifest.json", "pool/ab/ab"], ids=str)
def test_a_store_does_not_touch_what_no_backup_is_made_of(tmp_path: Path, name: str) -> None:
    store = FolderStore(tmp_path / "store")
    (tmp_path / "secret").write_text("theirs")

    with pytest.raises(BackupBroken, match="no file of a backup"):
        next(store.read(name))
    with pytest.raises(BackupBroken, match="no file of a backup"):
        store.remove([name])
    with pytest.raises(BackupBroken, match="no file of a backup"):
        store.write(name, [b"1"])

    assert (tmp_path / "secret").read_text() == "theirs"


@pytest.mark.parametrize(
    ("content", "sentence"),
    [("[" * 200_000, "cannot be read"), (" " * (manifest.LARGEST + 1), "is larger than 64 MiB")],
    ids=["deep", "large"],
)
def test_a_manifest_that_nobody_wrote_is_a_sentence(keeper: Keeper, content: str, sentence: str) -> None:
    path = keeper.folder / "backups/20260101T000000Z/manifest.json"
    path.parent.mkdir(parents=True)
    path.write_text(content)

    said = keeper.refused("list")

    assert said.startswith("The manifest of 20260101T000000Z")
    assert sentence in said
    assert len(said.splitlines()) == 1


def test_a_backup_that_is_whole_is_good_beside_an_older_one_that_is_broken(keeper: Keeper) -> None:
    for _ in range(2):
        keeper.do("create")
    newest = max(keeper.folder.glob("backups/*")) / "manifest.json"
    newest.write_text("{")
    keeper.environment["ORRERY_BACKUP__KEEP"] = "2"

    said = keeper.do("create")

    assert f"Warning: The manifest of {newest.parent.name} cannot be read." in said
    assert "is complete" in said.splitlines()[-1]
    assert "is good" in keeper.do("verify", "latest")


def test_a_folder_that_is_not_there_is_told(keeper: Keeper) -> None:
    absent = keeper.do("list")
    keeper.folder.mkdir()

    assert absent == f"There is no backup in {keeper.folder}, which is not there.\n"
    assert keeper.do("list") == f"There is no backup in {keeper.folder}.\n"
