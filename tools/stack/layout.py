"""Where everything is: `stack.toml`, shifted by the environment. Standard library only: it also runs before uv sync."""

import difflib
import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tools.stack.errors import StackError

ROOT = Path(__file__).resolve().parents[2]
SETTINGS: dict[str, Any] = tomllib.loads(Path(__file__).with_name("stack.toml").read_text())
VERSIONS: dict[str, str] = SETTINGS["versions"]
FOLDERS: dict[str, str] = SETTINGS["folders"]
STORES = {"POSTGRES_DSN", "KAFKA_BROKERS", "REDIS_URL", "S3_URL"}
CHOICES = {"OFFSET", "FOLDER", "INSTALLED", "EARLY", "S3", "POSTGRES"} | STORES
LAST_PORT = 65535


@dataclass(frozen=True)
class Deployable:
    """One process of the fleet; port 0 means that it has none of that kind."""

    name: str
    module: str
    needs: tuple[str, ...]
    schema: str
    port: int
    operations: int

    @property
    def folder(self) -> Path:
        """The service's folder, relative to the repository's root; the worker shares its service's."""
        return Path(*self.module.split(".")[:2])


@dataclass(frozen=True)
class Layout:
    """Ports by name, the data folder, and the fleet."""

    folder: Path
    ports: Mapping[str, int]
    deployables: tuple[Deployable, ...]

    @property
    def schemas(self) -> dict[str, Path]:
        """Each schema and the folder of the service that owns it."""
        return {one.schema: one.folder for one in self.deployables if one.schema}


def load(environ: Mapping[str, str] = os.environ) -> Layout:
    """Read stack.toml; raises StackError for a STACK_ name or value that means nothing."""
    refuse_unknown(environ)
    ports = {name: port(name, default, environ) for name, default in SETTINGS["ports"].items()}
    fleet = tuple(deployable(name, given, ports) for name, given in SETTINGS["deployables"].items())
    return Layout(folder(environ, "FOLDER", "data"), ports, fleet)


def installed(environ: Mapping[str, str] = os.environ) -> Path:
    """The folder of what is downloaded and built: shared by all stacks of this checkout, never holding data."""
    return folder(environ, "INSTALLED", "installed")


def folder(environ: Mapping[str, str], variable: str, name: str) -> Path:
    return ROOT / environ.get(f"STACK_{variable}", FOLDERS[name])


def deployable(name: str, given: Mapping[str, Any], ports: Mapping[str, int]) -> Deployable:
    return Deployable(
        name=name,
        module=given["module"],
        needs=tuple(given["needs"]),
        schema=given.get("schema", ""),
        port=ports.get(name, 0),
        operations=ports.get(f"{name}-operations", 0),
    )


def port(name: str, default: int, environ: Mapping[str, str]) -> int:
    variable = port_variable(name)
    text = environ.get(variable, "")
    shift = environ.get("STACK_OFFSET", "0")
    if not (text or shift).lstrip("-").isdecimal():
        raise StackError(f"{variable if text else 'STACK_OFFSET'} is {text or shift!r}, not a number.")
    number = int(text) if text else default + int(shift)
    if not 0 < number <= LAST_PORT:
        raise StackError(f"The port of {name} would be {number}; ports are 1 to {LAST_PORT}.")
    return number


def port_variable(name: str) -> str:
    return f"STACK_{name.upper().replace('-', '_')}_PORT"


def refuse_unknown(environ: Mapping[str, str]) -> None:
    known = {f"STACK_{choice}" for choice in CHOICES} | {port_variable(name) for name in SETTINGS["ports"]}
    for name in sorted(environ):
        if name.startswith("STACK_") and name not in known:
            close = difflib.get_close_matches(name, known, n=1)
            raise StackError(f"{name} is not a setting of the stack{f'; did you mean {close[0]}?' if close else '.'}")
