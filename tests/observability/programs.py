"""Programs that judge a file."""

import subprocess
from dataclasses import dataclass


@dataclass(frozen=True)
class Program:
    """A command; called with arguments it gives what it printed, and fails with what it said."""

    name: str

    def __call__(self, *arguments: object) -> str:
        command = [self.name, *(str(one) for one in arguments)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout
