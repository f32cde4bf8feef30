"""What comes as a Go module."""

import functools
import os
import re
import shutil
import subprocess
from pathlib import Path

from tools.stack.errors import Missing
from tools.stack.install.once import make_once, run
from tools.stack.layout import VERSIONS, installed

MODULES = {
    "versitygw": "github.com/versity/versitygw/cmd/versitygw",
    "minio": "github.com/minio/minio",
    "helm": "helm.sh/helm/v3/cmd/helm",
    "kubeconform": "github.com/yannh/kubeconform/cmd/kubeconform",
    "helm-docs": "github.com/norwoodj/helm-docs/cmd/helm-docs",
    "actionlint": "github.com/rhysd/actionlint/cmd/actionlint",
}
SERVERS = ("versitygw", "minio")
CHARTS = ("helm", "kubeconform", "helm-docs", "actionlint")  # what checks charts and workflows
STAMPS = {"helm": "helm.sh/helm/v3/internal/version.version"}  # the variable that a release build sets
OLDEST = (1, 21)  # the first that fetches the newer compiler a module asks for


def path(name: str) -> Path:
    """Where the program lies once it is installed."""
    return installed() / f"{name}-{VERSIONS[name]}" / name


@functools.cache
def is_usable() -> bool:
    """Whether this machine has a Go that can build the modules."""
    if not shutil.which("go"):
        return False
    said = subprocess.run(["go", "version"], capture_output=True, text=True, check=False).stdout
    found = re.search(r"go(\d+)\.(\d+)", said)
    return found is not None and (int(found[1]), int(found[2])) >= OLDEST


def ensure(name: str) -> Path:
    """Build the program, unless it is there; takes a minute or more of both cores."""
    advice = "Install Go: https://go.dev/dl" if name in CHARTS else "Without Go: STACK_S3=rclone make up"
    if not path(name).exists() and not is_usable():
        raise Missing(f"Go 1.{OLDEST[1]} or newer, which builds {name}", advice)

    def build(folder: Path) -> None:
        environment = {**os.environ, "CGO_ENABLED": "0", "GOBIN": str(folder)}
        module = f"{MODULES[name]}@{VERSIONS[name]}"
        run(name, ["go", "install", "-trimpath", "-ldflags", flags(name), module], environment, advice)

    make_once(path(name).parent, build)
    return path(name)


def flags(name: str) -> str:
    """The linker's: no symbols, and the version where the program would not know it."""
    stamp = STAMPS.get(name)
    return f"-s -w -X {stamp}={VERSIONS[name]}" if stamp else "-s -w"
