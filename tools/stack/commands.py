"""`run`: a command of a deployable, told what that is told. `orrery`: the operators' own, told of all stores."""

import subprocess
import sys
from collections.abc import Sequence

from tools.stack import operators, start
from tools.stack.layout import ROOT, Layout


def run(layout: Layout, name: str, arguments: Sequence[str]) -> int:
    """Run a module until it ends; its exit status. Raises StackError where no deployable is called so."""
    [deployable] = start.chosen(layout, [name])
    told = start.surroundings(layout)
    return subprocess.run([sys.executable, "-m", *arguments], env=told.of(deployable), cwd=ROOT, check=False).returncode


def orrery(layout: Layout, arguments: Sequence[str]) -> int:
    """Run the operators' command line on this stack; its exit status."""
    told = operators.environment(start.surroundings(layout))
    return subprocess.run([sys.executable, "-m", "admin", *arguments], env=told, cwd=ROOT, check=False).returncode
