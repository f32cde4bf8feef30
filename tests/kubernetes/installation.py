"""The two charts in one namespace, as their guide installs them; and somebody who uses the API from outside."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tests.e2e.people import Person
from tests.kubernetes.kubectl import Namespace, Object, Refused, eventually, is_ready
from tools.charts.prepare import prepared
from tools.charts.programs import CHARTS
from tools.stack.layout import load

RELEASE, PLATFORM = "orrery", "platform"
VALUES = (
    "-f",
    str(CHARTS / "orrery" / "ci" / "minimal-values.yaml"),
    "-f",
    str(Path(__file__).with_name("values.yaml")),
)
STORES_VALUES = CHARTS / "platform" / "ci" / "stores-values.yaml"
STORES = ("postgres", "kafka", "redis", "s3")
DEPLOYABLES = tuple(one.name for one in load({}).deployables)
PORT = 8080


@dataclass
class Installation:
    """What stands, and with which values; each `upgrade` adds to them."""

    namespace: Namespace
    values: dict[str, str] = field(default_factory=dict)

    def stores(self) -> None:
        """Install the stores and wait for them."""
        chart = str(prepared("platform"))
        self.namespace.helm("install", PLATFORM, chart, "-f", str(STORES_VALUES), "--wait", "--timeout", "4m")

    def fleet(self) -> None:
        """Install the fleet and wait for it: one command, on nothing but the stores."""
        self._helm("install")

    def upgrade(self, values: Mapping[str, str]) -> None:
        """Change values and wait until the old pods have left, too."""
        self.values |= values
        self._helm("upgrade")
        self.settled()

    def rollback(self, revision: int) -> None:
        self.namespace.helm("rollback", RELEASE, str(revision), "--wait", "--timeout", "6m")
        self.settled()

    def settled(self) -> None:
        """Wait until no pod is on its way in or out; Helm returns a moment before."""
        is_paused = self.values.get("global.paused") == "true"

        def all_there() -> bool:
            pods = self.pods()
            return bool(pods) != is_paused and all(is_ready(one) for one in pods)

        eventually(all_there, "every pod is ready and no old one is left", 240)

    def pods(self, deployable: str = "") -> list[Object]:
        """The fleet's pods, without those of jobs."""
        names = deployable or f"in ({','.join(DEPLOYABLES)})"
        chosen = f"app.kubernetes.io/name={names}" if deployable else f"app.kubernetes.io/name {names}"
        return self.namespace.all("pods", f"app.kubernetes.io/instance={RELEASE},{chosen}")

    @property
    def revision(self) -> int:
        """Helm's number of what stands."""
        return int(json.loads(self.namespace.helm("history", RELEASE, "-o", "json"))[-1]["revision"])

    @property
    def url(self) -> str:
        return self.url_of(f"{RELEASE}-gateway")

    def url_of(self, service: str) -> str:
        """A gateway's address as the host reaches it."""
        return f"http://{self.namespace.get('service', service)['spec']['clusterIP']}:{PORT}"

    def person(self) -> Person:
        """Somebody with an account."""
        return Person(self.url).register()

    def query(self, statement: str) -> str:
        """What PostgreSQL answers its administrator, without decoration."""
        ask = f'PGPASSWORD="$POSTGRES_PASSWORD" psql -h 127.0.0.1 -U postgres -d orrery -Atc "{statement}"'
        return self.namespace.execute(f"{PLATFORM}-postgres-0", "sh", "-c", ask).strip()

    def is_standing(self) -> bool:
        try:
            return bool(self.namespace.helm("status", RELEASE)) and bool(self.pods())
        except Refused:
            return False

    def _helm(self, verb: str) -> None:
        sets = [part for name, value in self.values.items() for part in ("--set", f"{name}={value}")]
        chart = str(prepared("orrery"))
        self.namespace.helm(verb, RELEASE, chart, *VALUES, *sets, "--wait", "--timeout", "6m")
