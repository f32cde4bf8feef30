"""Kubernetes' own kinds, from the server that kubectl reaches."""

import json
import subprocess
from typing import Any

from tools.charts.schemas.strict import Schema, references, strict
from tools.stack.errors import StackError


def asked(path: str) -> Any:
    """The server's answer to a GET, as JSON."""
    done = subprocess.run(["kubectl", "get", "--raw", path], capture_output=True, text=True, check=False)
    if done.returncode:
        raise StackError(f"No Kubernetes server could be asked for {path}: {done.stderr.strip()}", "make k8s-up")
    return json.loads(done.stdout)


def version() -> str:
    """Such as v1.34.4."""
    return str(asked("/version")["gitVersion"])


def schemas(kinds: dict[str, list[str]]) -> dict[str, Schema]:
    """A file for each kind and `definitions.json`, which they refer to."""
    known: dict[str, Schema] = {}
    files: dict[str, Schema] = {}
    for place, names in kinds.items():
        told = asked(f"/openapi/v3/{'apis' if '/' in place else 'api'}/{place}")["components"]["schemas"]
        known |= {name: strict(schema) for name, schema in told.items()}
        roots = {name: key for key, schema in told.items() for name in [kind_of(schema, place)] if name in names}
        files |= {file(name, place): refer(key) for name, key in roots.items()}
        for key in roots.values():
            known[key]["properties"].pop("status", None)  # no chart writes it
    used = reached(known, {name for one in files.values() for name in references(one)})
    return {**files, "definitions.json": {"definitions": {name: known[name] for name in sorted(used)}}}


def kind_of(schema: Schema, place: str) -> str:
    """The name of the kind where the schema is one of this group and version."""
    group, _, version = place.rpartition("/")
    for one in schema.get("x-kubernetes-group-version-kind", []):
        if (one["group"], one["version"]) == (group, version):
            return str(one["kind"])
    return ""


def file(kind: str, place: str) -> str:
    """deployment-apps-v1.json, as kubeconform looks for it: of a group only its first word."""
    group, _, version = place.rpartition("/")
    return "-".join([kind.lower(), *([group.partition(".")[0]] if group else []), version]) + ".json"


def refer(key: str) -> Schema:
    return {"$ref": f"definitions.json#/definitions/{key}"}


def reached(known: dict[str, Schema], names: set[str]) -> set[str]:
    """These definitions and all that they need."""
    found: set[str] = set()
    waiting = list(names)
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting += references(known[name])
    return found
