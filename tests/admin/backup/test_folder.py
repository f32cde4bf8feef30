"""A folder that takes no more says so, and keeps nothing of what it did not get whole."""

import resource
from collections.abc import Iterator
from pathlib import Path

import pytest

from admin.backup.errors import StoreAway
from admin.backup.stores.folder import FolderStore

ROOM = 4096


@pytest.fixture
def little_room() -> Iterator[None]:
    """Files of this process end at some bytes, as on a volume that is full."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (ROOM, before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, before)


@pytest.mark.parametrize("chunks", [[b"x" * (ROOM + 1)], [b"x" * ROOM, b"x"]], ids=["at once", "bit by bit"])
def test_what_does_not_fit_is_told_with_the_folder(tmp_path: Path, little_room: None, chunks: list[bytes]) -> None:
    store = FolderStore(tmp_path)

    with pytest.raises(StoreAway, match=f"^{tmp_path} cannot be written: File too large.$"):
        store.write("backups/20260101T000000Z/schemas/media.dump", chunks)

    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []
