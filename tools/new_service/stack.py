"""The service's place in the local stack: its ports and what it is told, in tools/stack/stack.toml."""

import tomllib
from pathlib import Path

from tools.new_service.names import Names

STACK = Path("tools/stack/stack.toml")
RPC, OPERATIONS = 7100, 7200  # a service's two ports are as far above these as each other
DEPLOYABLE = """
[deployables.{name}]
module = "services.{module}"
schema = "{package}"
needs = ["rpc", "process", "database", "kafka"]
"""


def write(root: Path, names: Names) -> list[Path]:
    """Add ports and deployable, unless the service has its entry already."""
    path = root / STACK
    text = path.read_text()
    told = tomllib.loads(text)
    if names.name in told["deployables"]:
        return []
    place = next_place(set(told["ports"].values()))
    lines = f"{names.name} = {RPC + place}\n{names.name}-operations = {OPERATIONS + place}\n"
    path.write_text(add_ports(text, lines) + DEPLOYABLE.format(**names.values))
    return [STACK]


def next_place(taken: set[int]) -> int:
    """The lowest place where neither port is taken."""
    return next(place for place in range(1, 100) if not {RPC + place, OPERATIONS + place} & taken)


def add_ports(text: str, lines: str) -> str:
    """Put the lines at the end of [ports]."""
    before, header, ports = text.partition("[ports]\n")
    inside, gap, after = ports.partition("\n\n")
    return f"{before}{header}{inside}\n{lines.rstrip()}{gap}{after}"
