"""The service's place in compose.yaml: its container, its migration, and where the gateway finds it."""

import re
import tomllib
from pathlib import Path

from tools.new_service.errors import NotWritten
from tools.new_service.names import Names
from tools.new_service.stack import STACK
from tools.stack.compose import added
from tools.stack.layout import deployable

COMPOSE = Path("compose.yaml")
LAST_ADDRESS = re.compile(r"(?s)(.*?\n  gateway:\n(?:    [^\n]*\n)*\n?)( +)ORRERY_SERVICES__\w+: [^\n]+\n")


def write(root: Path, names: Names) -> list[Path]:
    """Add what the stack says of the service, unless it is there; comes after the stack's own entry."""
    text = (root / COMPOSE).read_text()
    if f"\n  {names.name}:\n" in text:
        return []
    told = tomllib.loads((root / STACK).read_text())
    one = deployable(names.name, told["deployables"][names.name], told["ports"])
    last = LAST_ADDRESS.match(text)
    if last is None:
        raise NotWritten(f"{COMPOSE} tells the gateway of no service beside which this one could stand")
    address = f"{last[2]}ORRERY_SERVICES__{names.module.upper()}: {names.name}:{one.port}\n"
    (root / COMPOSE).write_text(added(text[: last.end()] + address + text[last.end() :], one))
    return [COMPOSE]
