"""Helm and its like, run without the settings of whoever runs them."""

import os
import subprocess
from pathlib import Path

from tools.stack.errors import StackError
from tools.stack.install import golang
from tools.stack.layout import ROOT, folder

CHARTS = ROOT / "charts"
FOREIGN = ("HELM_", "KUBE")  # a user's own plugins, repositories and clusters have no say in what is rendered


class Refused(StackError):
    """A program refused its input; the message is what it said."""


def run(name: str, *arguments: str, given: str = "") -> str:
    """What the program printed; raises Refused with what it said when it fails."""
    program = [str(golang.ensure(name)), *arguments]
    done = subprocess.run(program, input=given, env=environment(), capture_output=True, text=True, check=False)
    if done.returncode:
        raise Refused((done.stderr + done.stdout).strip() or f"{name} failed and said nothing")
    return done.stdout


def environment() -> dict[str, str]:
    own = {f"HELM_{kind}_HOME": str(work() / "helm" / kind.lower()) for kind in ("CACHE", "CONFIG", "DATA")}
    return {**{name: value for name, value in os.environ.items() if not name.startswith(FOREIGN)}, **own}


def work() -> Path:
    """Where copies and caches lie: the stack's data folder."""
    return folder(os.environ, "FOLDER", "data") / "charts"
