"""Lays the new code out: how long names are decides where lines break."""

import subprocess
import sys
from pathlib import Path


def tidy(root: Path, paths: list[Path]) -> None:
    """Sort imports and format the Python files among these."""
    ruff = Path(sys.executable).with_name("ruff")
    python = [str(path) for path in paths if path.suffix == ".py"]
    for command in (["check", "--select", "I", "--fix"], ["format"]):
        subprocess.run([ruff, *command, "--quiet", *python], cwd=root, check=True)
