"""Keycloak from Maven Central, built once for the production mode it runs in."""

import shutil
import zipfile
from pathlib import Path

from tools.stack.errors import Missing
from tools.stack.install import apt, maven
from tools.stack.install.once import make_once, run
from tools.stack.layout import VERSIONS, installed

OPTIONS = ["--db=dev-file", "--health-enabled=true", "--metrics-enabled=false"]


def home() -> Path:
    """Where the built distribution lies once it is installed."""
    return installed() / f"keycloak-{VERSIONS['keycloak']}"


def ensure() -> Path:
    """Fetch (160 MB) and build Keycloak, unless it is there: a minute of both cores."""
    if home().exists():
        return home()
    apt.ensure({"mvn": "maven"})
    java = maven.java()

    def build(folder: Path) -> None:
        fetch(folder)
        unpacked = folder / home().name
        for one in unpacked.iterdir():
            one.rename(folder / one.name)
        unpacked.rmdir()
        environment = {**maven.environment(), "JAVA": str(java)}
        run("Keycloak", ["/bin/bash", str(folder / "bin" / "kc.sh"), "build", *OPTIONS], environment)

    make_once(home(), build)
    return home()


def fetch(folder: Path) -> None:
    version = VERSIONS["keycloak"]
    plugin = f"org.apache.maven.plugins:maven-dependency-plugin:{VERSIONS['maven_dependency_plugin']}"
    artifact = f"org.keycloak:keycloak-quarkus-dist:{version}:zip"
    copy = [f"{plugin}:copy", f"-Dartifact={artifact}", f"-DoutputDirectory={folder}"]
    quiet = ["mvn", "--quiet", "--batch-mode", "--no-transfer-progress", "--strict-checksums"]
    run("Keycloak", [*quiet, *copy], maven.environment(), "Is there a network?")
    archive = folder / f"keycloak-quarkus-dist-{version}.zip"
    with zipfile.ZipFile(archive) as packed:
        packed.extractall(folder)  # from Maven Central, its checksum compared
    archive.unlink()


def missing() -> str:
    """What only the system can give and has not, in words; empty where nothing is missing."""
    if not (home().exists() or shutil.which("mvn")):
        return "Maven is missing (sudo apt-get install -y --no-install-recommends maven)."
    try:
        maven.java()
    except Missing as absent:
        return f"{absent} {absent.advice}"
    return ""
