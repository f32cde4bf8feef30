"""The folder of schemas: written, and held against a server."""

import json
import tomllib
from pathlib import Path
from typing import Any

from tools.charts.schemas import modules, server
from tools.charts.schemas.strict import Schema
from tools.stack.layout import ROOT

FOLDER = ROOT / "tests" / "charts" / "schemas"
TEXTS = {"description", "x-intellij-html-description", "examples", "default"}
SKAFFOLD = FOLDER.with_name("skaffold.schema.json")
SOURCES: dict[str, Any] = tomllib.loads(Path(__file__).with_name("sources.toml").read_text())


def write() -> None:
    """Write every schema anew, from the server that kubectl reaches and from Go modules."""
    made = {**server.schemas(SOURCES["kubernetes"]["kinds"]), **modules.schemas(SOURCES["modules"])}
    FOLDER.mkdir(parents=True, exist_ok=True)
    for old in FOLDER.glob("*.json"):
        old.unlink()
    for name, schema in made.items():
        (FOLDER / name).write_text(laid_out(schema))
    SKAFFOLD.write_text(laid_out(undocumented(modules.skaffold(SOURCES["skaffold"]))))


def differences() -> list[str]:
    """How the server's schemas differ from those here, one line each; none where they are the same."""
    if server.version() != SOURCES["kubernetes"]["version"]:
        return [f"the server is {server.version()}, the schemas are of {SOURCES['kubernetes']['version']}"]
    made = server.schemas(SOURCES["kubernetes"]["kinds"])
    return [f"{name} differs from the server's" for name, schema in made.items() if read(name) != schema]


def undocumented(schema: Any) -> Any:
    """The schema without its texts; a property may be called like one of them."""
    if isinstance(schema, list):
        return [undocumented(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    return {key: undocumented(one) for key, one in schema.items() if key not in TEXTS or isinstance(one, dict)}


def read(name: str) -> Any:
    path = FOLDER / name
    return json.loads(path.read_text()) if path.exists() else None


def laid_out(schema: Schema) -> str:
    """One line for each definition or field, so that a change shows where it is."""
    key = "definitions" if "definitions" in schema else "properties"
    if key not in schema:
        return json.dumps(schema) + "\n"
    rows = ",\n".join(
        f"{json.dumps(name)}:{json.dumps(one, separators=(',', ':'))}" for name, one in schema[key].items()
    )
    rest = {name: one for name, one in schema.items() if name != key}
    before = json.dumps(rest, separators=(",", ":")).rstrip("}").rstrip()
    return f"{before}{',' if rest else ''}{json.dumps(key)}:{{\n{rows}\n}}}}\n"
