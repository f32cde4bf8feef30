"""The two scripts that operators know: they call the command line."""

import os
import subprocess
from collections.abc import Callable

from tests.admin.backup.keeper import Keeper, add_video


def run(keeper: Keeper, name: str, *arguments: str) -> "subprocess.CompletedProcess[str]":
    environment = {**os.environ, **keeper.told()}
    command = [f"scripts/{name}.sh", *arguments]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=100)


def test_a_fleet_is_backed_up_and_restored_by_two_scripts(keeper: Keeper, new_database: Callable[..., str]) -> None:
    add_video(keeper, "a film")

    made = run(keeper, "backup")
    keeper.wipe_objects()
    keeper.database = new_database()
    restored = run(keeper, "restore", "latest", "--without-kafka")

    assert (made.returncode, made.stderr) == (0, "")
    assert (restored.returncode, restored.stderr) == (0, "")
    assert keeper.ask("SELECT title FROM media.video_metadata") == [("a film",)]


def test_restoring_nothing_in_particular_is_refused(keeper: Keeper) -> None:
    refused = run(keeper, "restore")

    assert refused.returncode == 2
    assert "usage" in refused.stderr
