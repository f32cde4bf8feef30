"""Wrong use is answered by one sentence and what to do, never by a traceback."""

import os
import subprocess
import sys

import pytest

from tools.stack.layout import ROOT


@pytest.mark.parametrize(
    ("arguments", "variables", "sentence"),
    [
        (["status"], {"STACK_OFSET": "1"}, "STACK_OFSET is not a setting of the stack; did you mean STACK_OFFSET?"),
        (["up", "medai"], {}, "There is no medai in the fleet."),
        (["run", "medai", "--", "services.auth.keys", "list"], {}, "There is no medai in the fleet."),
        (["logs", "medai"], {"STACK_FOLDER": "/nonexistent"}, "medai has no log."),
        (["up"], {"STACK_FOLDER": "/proc/x"}, "/proc/x cannot be written: No such file or directory."),
        (["status"], {"STACK_S3": "floppy"}, "STACK_S3 is 'floppy'; it can be versitygw, minio, rclone."),
    ],
)
def test_wrong_use_is_one_sentence(arguments: list[str], variables: dict[str, str], sentence: str) -> None:
    environment = {**os.environ, **variables}

    done = subprocess.run(
        [sys.executable, "-m", "tools.stack", *arguments],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 1
    assert done.stdout.startswith(sentence + "\n")
    assert "Traceback" not in done.stdout + done.stderr
