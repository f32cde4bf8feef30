"""The figures as a table that fits a document."""

import sys
from dataclasses import dataclass

from tools.bench.load import Outcome

STORES = ("postgres", "kafka", "redis", "s3")
COLUMNS = (
    "request",
    "conn.",
    "CPU-s / 1,000",
    "gateway",
    "service",
    "audit",
    "stores",
    "others",
    "req/s",
    "p50 ms",
    "p99 ms",
)


@dataclass(frozen=True)
class Row:
    """One case at one number of connections; `cpu` is seconds by process, idle cost taken off."""

    name: str
    connections: int
    outcome: Outcome
    cpu: dict[str, float]

    def cells(self) -> list[str]:
        """The columns' texts."""
        count = len(self.outcome.latencies)
        thousand = {name: seconds / count * 1000 for name, seconds in self.cpu.items()}
        groups = {
            "gateway": thousand["gateway"],
            "service": thousand["auth"] + thousand["media"],
            "audit": thousand["audit"],
            "stores": sum(thousand[name] for name in STORES),
        }
        total = sum(thousand.values())
        spent = [total, *groups.values(), total - sum(groups.values())]
        speed = [
            count / self.outcome.seconds,
            self.outcome.percentile(0.5) * 1000,
            self.outcome.percentile(0.99) * 1000,
        ]
        statuses = "" if set(self.outcome.statuses) <= {200, 401} else f" {self.outcome.statuses}"
        return [
            self.name + statuses,
            str(self.connections),
            *(f"{one:.2f}" for one in spent),
            f"{speed[0]:.0f}",
            *(f"{one:.1f}" for one in speed[1:]),
        ]


def show(rows: list[Row]) -> None:
    """Print a Markdown table."""
    lines = [COLUMNS, tuple("---" for _ in COLUMNS), *(row.cells() for row in rows)]
    sys.stdout.write("\n".join(f"| {' | '.join(line)} |" for line in lines) + "\n")
