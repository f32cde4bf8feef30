"""The service's place in the gateway: its route table among the others, and the setting of its address."""

import re
from collections.abc import Callable
from pathlib import Path

from tools.new_service.errors import NotWritten
from tools.new_service.names import Names

ROUTES = Path("gateway/routes/__init__.py")
SETTINGS = Path("gateway/settings.py")
IMPORTS = re.compile(r"^(from gateway\.routes import (?:\([^)]*|[^(\n]*))", re.MULTILINE)
TABLES = re.compile(r"^(ROUTERS\b[^\n]*= \([^)]*)\)", re.MULTILINE)
ADDRESSES = re.compile(r"(class ServiceSettings\(.*?\n(?:    \w+: Address\n)+)", re.DOTALL)


def write(root: Path, names: Names) -> list[Path]:
    """List the route table that files.py writes and the address; raises NotWritten where there is no place for them."""
    changed = [
        (ROUTES, listed((root / ROUTES).read_text(), names)),
        (SETTINGS, told((root / SETTINGS).read_text(), names)),
    ]
    for path, text in changed:
        (root / path).write_text(text)
    return [path for path, _ in changed]


def listed(text: str, names: Names) -> str:
    """gateway/routes/__init__.py with the table."""
    if re.search(rf"\b{names.module}\.ROUTERS\b", text):
        return text
    text = replaced(IMPORTS, lambda before: f"{before}, {names.module}", text, ROUTES)
    return replaced(TABLES, lambda before: f"{before}, *{names.module}.ROUTERS)", text, ROUTES)


def told(text: str, names: Names) -> str:
    """gateway/settings.py with the address."""
    if re.search(rf"^    {names.module}: Address$", text, re.MULTILINE):
        return text
    return replaced(ADDRESSES, lambda before: f"{before}\n    {names.module}: Address\n", text, SETTINGS)


def replaced(place: re.Pattern[str], after: Callable[[str], str], text: str, path: Path) -> str:
    """The text with the place's end changed: what was there without a last comma, and what comes after it."""
    found, times = place.subn(lambda match: after(match[1].rstrip().rstrip(",")), text, count=1)
    if not times:
        raise NotWritten(f"{path} does not look as it did: no place for {place.pattern!r}")
    return found
