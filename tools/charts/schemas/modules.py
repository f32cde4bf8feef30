"""Kinds of other projects, from their Go modules, which carry their definitions for Kubernetes."""

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from tools.charts.schemas.server import file, refer
from tools.charts.schemas.strict import Schema, strict
from tools.stack.errors import StackError

METADATA = "io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta"


class Loader(yaml.CSafeLoader):
    """Reads a lone = as text, as every reader of YAML 1.2 does."""


Loader.add_constructor("tag:yaml.org,2002:value", lambda loader, node: node.value)


def schemas(modules: dict[str, Any]) -> dict[str, Schema]:
    """A file for each served version of each kind."""
    made: dict[str, Schema] = {}
    for module, told in modules.items():
        home = downloaded(module, told["version"])
        for name in told["files"]:
            definition = yaml.load((home / name).read_text(), Loader)  # noqa: S506  # a safe loader
            made |= dict(converted(definition, told.get("left_out", [])))
    return made


def skaffold(told: dict[str, str]) -> Schema:
    """The schema of skaffold.yaml."""
    schema: Schema = json.loads((downloaded(told["module"], told["version"]) / told["file"]).read_text())
    return schema


def downloaded(module: str, version: str) -> Path:
    command = ["go", "mod", "download", "-json", f"{module}@{version}"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise StackError(f"{module} {version} could not be fetched.", "Is there a network?", done.stdout + done.stderr)
    return Path(json.loads(done.stdout)["Dir"])


def converted(definition: dict[str, Any], left_out: list[str]) -> Iterator[tuple[str, Schema]]:
    spec = definition["spec"]
    kind = spec["names"]["kind"]
    for version in spec["versions"]:
        if not version["served"]:
            continue
        schema = strict(version["schema"]["openAPIV3Schema"])
        schema["properties"].pop("status", None)
        schema["properties"]["metadata"] = refer(METADATA)
        for field in left_out:
            close(schema, field, kind)
        yield file(kind, f"{spec['group']}/{version['name']}"), schema


def close(schema: Schema, field: str, kind: str) -> None:
    """Refuse the field, written "Kind path.to[].it"."""
    owner, path = field.split()
    if owner != kind:
        return
    *way, last = path.split(".")
    for name in way:
        schema = schema["properties"][name.removesuffix("[]")]
        schema = schema["items"] if name.endswith("[]") else schema
    schema["properties"][last] = {"not": {}}  # kubeconform reads draft 4, which knows no false
