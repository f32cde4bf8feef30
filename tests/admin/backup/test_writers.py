"""People go on working while a backup is taken: what comes back is one moment of it."""

import threading
import uuid
from collections.abc import Callable

from tests.admin.backup.keeper import AUTH, Keeper, add_video

CAPTURE = """
INSERT INTO media.video_capture_log (video_id, timestamp_seconds, timestamp_ms, capture_image_path, organization_id)
VALUES (%s, 1, 1000, %s, %s)
"""


class Writers(threading.Thread):
    """Stores objects, then the rows that name them, in both services; a number goes up in both at once."""

    def __init__(self, keeper: Keeper) -> None:
        super().__init__()
        self._keeper, self._over = keeper, threading.Event()
        self.written = 0

    def run(self) -> None:
        with self._keeper.connect() as server:
            while not self._over.is_set():
                tenant = uuid.uuid4()
                video = add_video(self._keeper, f"film {self.written}", tenant)
                with server.transaction():  # over two schemas, as no service does, to see one moment
                    server.execute(CAPTURE, [video, f"{tenant}/7/{video}/source", tenant])
                    server.execute("INSERT INTO control.inbox (consumer, event_id) VALUES ('test', gen_random_uuid())")
                self._keeper.put(AUTH, f"exports/{self.written}.zip", b"zip")
                self.written += 1

    def end(self) -> None:
        self._over.set()
        self.join()


def test_a_backup_under_writers_is_one_moment(keeper: Keeper, new_database: Callable[..., str]) -> None:
    writers = Writers(keeper)
    writers.start()
    try:
        while writers.written < 3:
            writers.join(0.01)
        keeper.do("create")
        at_end = writers.written
    finally:
        writers.end()
    [backup] = keeper.listed()
    rows = {f"{one['name']}.{table}": count for one in backup["schemas"] for table, count in one["rows"].items()}

    assert "is good" in keeper.do("verify", "--restore-into-scratch")
    keeper.database = new_database()
    keeper.wipe_objects()
    keeper.do("restore", "latest", "--without-kafka")

    captures = keeper.ask("SELECT capture_image_path FROM media.video_capture_log")
    paths = {path for (path,) in keeper.ask("SELECT upload_path FROM media.video_metadata WHERE upload_path <> ''")}
    assert 3 <= len(captures) <= at_end
    assert len(captures) == rows["control.inbox"] == keeper.ask("SELECT count(*) FROM control.inbox")[0][0]
    assert {path for (path,) in captures} <= paths
    assert {f"orrery-media/{path}" for (path,) in captures} <= keeper.objects().keys()
    assert rows["media.video_capture_log"] == len(captures)
