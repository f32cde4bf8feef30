"""Keycloak in production mode, with one realm: the issuer that single sign-on is tried against."""

import json
import os
import urllib.error
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar

from tools.stack import ports
from tools.stack.install import keycloak, maven
from tools.stack.parts.part import Part

# Quick to start and small rather than fast for hours.
FLAGS = ["-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xms64m", "-Xmx400m", "-Djava.net.preferIPv4Stack=true"]
# As bin/kc.sh has them; it stays beside the server that it starts, which could not be ended by its own id then.
OPENED = [f"--add-opens=java.base/java.{name}=ALL-UNNAMED" for name in ("util", "util.concurrent", "security")]
FACTORY = "io.quarkus.bootstrap.forkjoin.QuarkusForkJoinWorkerThreadFactory"
SHARED = ("bin", "conf", "lib", "providers", "themes", "version.txt")


class Keycloak(Part):
    """One server with the realm given, imported when its data folder is new."""

    name = "keycloak"
    patience: ClassVar[float] = 180.0

    def __init__(self, folder: Path, port: int, *, realm: Mapping[str, Any], management_port: int = 0) -> None:
        super().__init__(folder, port)
        self.realm = realm
        self.management_port = management_port or ports.free()

    @property
    def url(self) -> str:
        """Where it is reached."""
        return f"http://{ports.HOST}:{self.port}"

    @property
    def issuer(self) -> str:
        """The realm's `iss`."""
        return f"{self.url}/realms/{self.realm['realm']}"

    def install(self) -> None:
        keycloak.ensure()

    def prepare(self) -> None:
        """A home of its own beside the installed one, for Keycloak keeps its data in its home."""
        super().prepare()
        for name in SHARED:
            link = self.data / name
            if not link.is_symlink():
                link.symlink_to(keycloak.home() / name)
        imported = self.data / "data" / "import"
        imported.mkdir(parents=True, exist_ok=True)
        (imported / f"{self.realm['realm']}-realm.json").write_text(json.dumps(self.realm))

    def command(self) -> list[str]:
        properties = {
            "kc.home.dir": str(self.data),
            "jboss.server.config.dir": str(self.data / "conf"),
            "java.util.logging.manager": "org.jboss.logmanager.LogManager",
            "java.util.concurrent.ForkJoinPool.common.threadFactory": FACTORY,
            "picocli.disable.closures": "true",
            "quarkus-log-max-startup-records": "10000",
            "kc.config.built": "true",
        }
        java = [str(maven.java()), *FLAGS, *OPENED, *(f"-D{name}={value}" for name, value in properties.items())]
        main = ["-cp", str(self.data / "lib" / "quarkus-run.jar"), "io.quarkus.bootstrap.runner.QuarkusEntryPoint"]
        return [*java, *main, "start", "--optimized", "--import-realm", *self._options()]

    def environment(self) -> Mapping[str, str]:
        return {name: value for name, value in os.environ.items() if not name.startswith("KC_")}

    def answers(self) -> bool:
        url = f"http://{ports.HOST}:{self.management_port}/health/ready"
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            with opener.open(url, timeout=3) as answer:
                return int(answer.status) == 200
        except urllib.error.URLError:
            return False

    def _options(self) -> list[str]:
        return [
            "--http-enabled=true",
            f"--hostname={self.url}",
            f"--http-host={ports.HOST}",
            f"--http-port={self.port}",
            f"--http-management-port={self.management_port}",
            "--cache=local",
        ]
