"""Rows on disk: kept, in order, whole, within bounds."""

import errno
import os
import struct
import zlib
from pathlib import Path

import orjson
import pytest

from gateway.accesslog import Spool
from gateway.accesslog.segment import HEAD, Segment
from gateway.accesslog.spool import BATCH_ROWS, DROPPED, HELD_ROWS
from tests.gateway.accesslog.rows import files, ids, left_in, row

LIMIT = 64 * 1024 * 1024


def written(spool: Spool, count: int) -> list[str]:
    rows = [row() for _ in range(count)]
    spool.append([orjson.dumps(one) for one in rows])
    return [str(one["request_id"]) for one in rows]


def waiting(spool: Spool) -> list[list[str]]:
    """The request ids of each batch."""
    return [ids(batch.rows()) for batch in spool.first(1_000_000)]


def dropped() -> float:
    return next(sample.value for metric in DROPPED.collect() for sample in metric.samples if "total" in sample.name)


def die(spool: Spool) -> None:
    """Let go of all files as a process that is killed does."""
    for segment in spool._segments:
        os.close(segment.file)


def test_batches_keep_rows_in_order(tmp_path: Path) -> None:
    spool = Spool(tmp_path, LIMIT)

    first, second = written(spool, 3), written(spool, 2)
    spool.seal()
    third = written(spool, 1)
    spool.seal()
    spool.seal()  # of nothing is nothing

    assert waiting(spool) == [first + second, third]


def test_a_batch_is_closed_when_it_has_many_rows(tmp_path: Path) -> None:
    spool = Spool(tmp_path, LIMIT)

    written(spool, BATCH_ROWS)
    written(spool, 1)

    assert len(spool) == 1


def test_what_was_sent_leaves_no_bytes_behind(tmp_path: Path) -> None:
    spool = Spool(tmp_path, LIMIT)
    written(spool, 100)
    spool.seal()

    spool.sent(spool.first(8))

    assert [path.stat().st_size for path in files(tmp_path)] == [0]
    spool.close()
    assert not files(tmp_path)


def test_rows_that_came_while_others_were_sent_stay(tmp_path: Path) -> None:
    spool = Spool(tmp_path, LIMIT)
    written(spool, 2)
    spool.seal()
    batches = spool.first(8)
    later = written(spool, 2)

    spool.sent(batches)
    spool.seal()

    assert waiting(spool) == [later]


async def test_a_dead_processs_rows_are_taken_over_in_order_with_their_event_ids(tmp_path: Path) -> None:
    dead = Spool(tmp_path, LIMIT)
    sealed = written(dead, 2)
    dead.seal()
    loose = written(dead, 3)
    event = dead.first(1)[0].sealed.id
    die(dead)

    spool = Spool(tmp_path, LIMIT)
    await spool.adopt()

    assert waiting(spool) == [sealed, loose]
    assert spool.first(1)[0].sealed.id == event
    spool.sent(spool.first(8))
    spool.close()
    assert not files(tmp_path)


async def test_a_living_processs_files_are_left_alone(tmp_path: Path) -> None:
    living = Spool(tmp_path, LIMIT)
    mine = written(living, 1)
    living.seal()

    another = Spool(tmp_path, LIMIT)
    await another.adopt()

    assert len(another) == 0
    assert waiting(living) == [mine]


TORN = {
    "half a head": HEAD.pack(b"R", 100, 0)[:5],
    "a head and no payload": HEAD.pack(b"R", 100, 0),
    "half a payload": HEAD.pack(b"R", 100, 0) + b"x" * 50,
    "a wrong checksum": HEAD.pack(b"R", 3, zlib.crc32(b"abc")) + b"abd",
    "an unknown kind": HEAD.pack(b"X", 3, zlib.crc32(b"abc")) + b"abc",
    "a length of gigabytes": struct.pack(">cII", b"R", 2**32 - 1, 0) + b"x",
    "zeros": b"\0" * 4096,
}


@pytest.mark.parametrize("tail", TORN.values(), ids=TORN.keys())
async def test_a_torn_end_costs_nothing_that_was_whole(tmp_path: Path, tail: bytes) -> None:
    dead = Spool(tmp_path, LIMIT)
    sealed = written(dead, 2)
    dead.seal()
    loose = written(dead, 1)
    die(dead)
    (path,) = files(tmp_path)
    with path.open("ab") as file:
        file.write(tail)

    spool = Spool(tmp_path, LIMIT)
    await spool.adopt()

    assert waiting(spool) == [sealed, loose]
    die(spool)
    assert left_in(tmp_path) == sealed + loose  # what was adopted can be adopted again


async def test_every_cut_of_a_file_can_be_read(tmp_path: Path) -> None:
    dead = Spool(tmp_path, LIMIT)
    rows = [written(dead, 1)[0] for _ in range(4)]
    dead.seal()
    die(dead)
    (path,) = files(tmp_path)
    whole = path.read_bytes()

    for cut in range(0, len(whole), 7):
        path.write_bytes(whole[:cut])
        segment = Segment.adopt(path)
        assert segment
        found = segment.recover()
        assert not found
        assert segment.unsealed in range(5)
        assert segment.size <= cut
        segment.close()
    assert len(rows) == 4


def test_the_oldest_file_goes_when_the_spool_is_full(tmp_path: Path) -> None:
    spool = Spool(tmp_path, 9 * 1024 * 1024)
    before = dropped()
    first = written(spool, 50)
    big = [orjson.dumps(row() | {"user_agent": "x" * 512})] * 50

    for _ in range(400):
        spool.append(big)
    spool.seal()

    left = waiting(spool)
    assert sum(path.stat().st_size for path in files(tmp_path)) <= 14 * 1024 * 1024
    assert first[0] not in {one for batch in left for one in batch}
    assert dropped() - before + sum(len(batch) for batch in left) == 50 + 400 * 50


def test_rows_wait_in_memory_while_the_disk_is_full_and_are_then_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spool = Spool(tmp_path, LIMIT)
    before = written(spool, 1)
    descriptor = spool._active.file
    spool._active.file = os.open("/dev/full", os.O_RDWR)  # the kernel's own full disk: ENOSPC at each write

    during = written(spool, 2)
    spool.seal()
    os.close(spool._active.file)
    spool._active.file = descriptor
    after = written(spool, 1)
    spool.seal()

    assert waiting(spool) == [before + during + after]


def test_a_disk_full_for_long_costs_the_oldest_rows_and_says_so(tmp_path: Path) -> None:
    spool = Spool(tmp_path, LIMIT)
    spool._active.file = os.open("/dev/full", os.O_RDWR)
    before = dropped()

    for _ in range(HELD_ROWS // 100 + 3):
        written(spool, 100)

    assert dropped() - before == 300
    with pytest.raises(OSError, match="space") as full:
        os.write(spool._active.file, b"x")
    assert full.value.errno == errno.ENOSPC
