"""What comes from Debian."""

import os
import shutil
from collections.abc import Mapping
from pathlib import Path

from tools.stack.errors import Missing
from tools.stack.install.once import alone, run
from tools.stack.layout import installed

APT = ["apt-get", "-o", "DPkg::Lock::Timeout=300"]  # another apt may be at work


def ensure(packages: Mapping[str, str]) -> None:
    """Install the packages whose command (a name on PATH, or a path) is missing; raises Missing where it needs root."""
    missing = {command: package for command, package in packages.items() if not is_there(command)}
    if not missing:
        return
    install = ["install", "-y", "--no-install-recommends", *sorted(set(missing.values()))]
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        raise Missing(", ".join(missing), f"sudo apt-get {' '.join(install)}")
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    with alone(installed() / ".apt.lock"):  # apt itself does not wait for another `update`
        run("The list of Debian's packages", [*APT, "update", "-q"], environment, "Is there a network?")
        run(", ".join(missing), [*APT, *install], environment, f"Try by hand: apt-get {' '.join(install)}")


def is_there(command: str) -> bool:
    return Path(command).exists() if "/" in command else shutil.which(command) is not None
