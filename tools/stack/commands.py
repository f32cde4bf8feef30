"""`run`: a command of a deployable, told what the deployable is told."""

import subprocess
import sys
from collections.abc import Sequence

from tools.stack import start
from tools.stack.layout import ROOT, Layout


def run(layout: Layout, name: str, arguments: Sequence[str]) -> int:
    """Run a module until it ends; its exit status. Raises StackError where no deployable is called so."""
    [deployable] = start.chosen(layout, [name])
    told = start.surroundings(layout)
    return subprocess.run([sys.executable, "-m", *arguments], env=told.of(deployable), cwd=ROOT, check=False).returncode
