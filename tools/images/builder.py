"""Two builders of the same Dockerfile: Docker (buildx) where its engine answers, else buildah without any engine."""

import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from tools.images.catalogue import Image, foundations
from tools.images.errors import BuildFailed, ImageError
from tools.islands import OWN_UV
from tools.stack.install import golang, maven
from tools.stack.install.once import make_once
from tools.stack.layout import ROOT, installed

CLUSTER = ROOT / "tools" / "kubernetes" / "cluster.sh"
LAST_LINES = 25
ARCHITECTURES = {"x86_64": "amd64", "aarch64": "arm64"}


class Builder(Protocol):
    """What makes an image out of the Dockerfile and runs it."""

    def build(self, image: Image, name: str, arguments: Sequence[str]) -> None:
        """Build the image under this name; raises BuildFailed."""

    def read(self, name: str, script: Path, arguments: Sequence[str]) -> str:
        """What a Python script says that runs inside the image."""


def prepare(image: Image) -> None:
    """Install here what the image takes from here."""
    if image.target == "stores":
        golang.ensure("versitygw")
        maven.ensure()


def options(image: Image, arguments: Sequence[str]) -> list[str]:
    """What both builders are told alike."""
    given = [part for one in (*image.arguments, *arguments) for part in ("--build-arg", one)]
    parts = ["--build-context", f"installed={installed()}"] if image.target == "stores" else []
    return ["--target", image.target, *given, *parts]


@dataclass(frozen=True)
class Docker:
    """The images come into the engine's own store."""

    def build(self, image: Image, name: str, arguments: Sequence[str]) -> None:
        run(["docker", "buildx", "build", "--load", "--tag", name, *options(image, arguments), str(ROOT)])

    def read(self, name: str, script: Path, arguments: Sequence[str]) -> str:
        command = ["docker", "run", "--rm", "--interactive", "--entrypoint", "python", name, "-", *arguments]
        return run(command, script.read_text())


@dataclass(frozen=True)
class Buildah:
    """Without an engine or a registry, as root: the images come into buildah's store, and into the cluster if it runs.

    Nothing is pulled: the two foundations are made from Debian's packages and from uv's wheel.
    """

    def build(self, image: Image, name: str, arguments: Sequence[str]) -> None:
        local = [f"{argument}=localhost/{self.foundation(argument)}" for argument in foundations()]
        run([str(CLUSTER), "build-image", f"localhost/{name}", *options(image, [*local, *arguments]), str(ROOT)])

    def read(self, name: str, script: Path, arguments: Sequence[str]) -> str:
        return run([str(CLUSTER), "run-image", f"localhost/{name}", "python", "-", *arguments], script.read_text())

    def foundation(self, argument: str) -> str:
        """Make a foundation, unless it is there; its name in the local store."""
        wanted = foundations()[argument]
        name = wanted.rpartition("/")[2]
        if argument == "PYTHON":
            run([str(CLUSTER), "base-image", name, "python3", "ca-certificates"])
        else:
            run([str(CLUSTER), "program-image", name, str(uv(wanted.rpartition(":")[2]))])
        return name


def uv(version: str) -> Path:
    """This version's program, from its wheel."""
    target = installed() / f"uv-{version}-{ARCHITECTURES[platform.machine()]}"

    def fetch(folder: Path) -> None:
        program = shutil.which("uv") or str(OWN_UV)
        run(
            [
                program,
                "pip",
                "install",
                "--quiet",
                "--python",
                sys.executable,
                "--target",
                str(folder),
                f"uv=={version}",
            ]
        )

    make_once(target, fetch)
    return target / "bin" / "uv"


def builder(name: str = "") -> Builder:
    """The builder asked for, else Docker where its engine answers, else buildah."""
    known: dict[str, Builder] = {"docker": Docker(), "buildah": Buildah()}
    if name and name not in known:
        raise ImageError(f"No builder is called {name!r}; there are {', '.join(known)}.")
    return known[name or ("docker" if has_docker() else "buildah")]


def has_docker() -> bool:
    if not shutil.which("docker"):
        return False
    return subprocess.run(["docker", "info"], capture_output=True, check=False).returncode == 0


def run(command: Sequence[str], given: str | None = None) -> str:
    """What the command says; raises BuildFailed with its last lines."""
    environment = {name: value for name, value in os.environ.items() if name != "VIRTUAL_ENV"}
    done = subprocess.run(command, input=given, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        said = (done.stdout + done.stderr).splitlines()
        raise BuildFailed("\n".join([f"{' '.join(command[:3])} … failed:", *said[-LAST_LINES:]]))
    return done.stdout
