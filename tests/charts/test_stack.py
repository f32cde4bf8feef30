"""The chart's deployables are those of tools/stack/stack.toml, and each is told what its process reads."""

import os
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from admin.settings import AdminSettings
from libs.database.__main__ import WaitSettings
from libs.settings import Settings
from libs.settings.reader import names
from tests.charts.expected import FLEET, settings_of
from tests.charts.manifest import (
    Manifest,
    Workload,
    alias,
    defaults,
    environment,
    fleet,
    rendered,
    scenario_name,
    scenarios,
)
from tools.charts.programs import CHARTS
from tools.charts.render import Object

SCENARIOS = pytest.mark.parametrize("values", [path for _, path in scenarios("orrery")], ids=scenario_name)
ORRERY = "ORRERY_"
SECRETS = {"smtp-url": "smtps://orrery:made-for-tests@mail.example.com", "providers.json": "[]"}
MOUNTED = ("/keys/", "/tls/", "/stores/", "/secrets/", "/spool", "/scratch", "/backups")


def deployables(manifest: Manifest) -> list[Workload]:
    return [one for one in manifest.workloads if one.owner["kind"] == "Deployment" and alias(one) in FLEET]


@pytest.mark.parametrize("name", FLEET)
def test_an_alias_is_what_the_stack_says_of_it(name: str) -> None:
    one, given = FLEET[name], defaults("orrery")[name]

    assert given["module"] == one.module
    assert tuple(given["needs"]) == one.needs
    assert given.get("schema", "") == one.schema
    assert given["image"] == one.folder.name.replace("_", "-")


def test_the_chart_has_the_deployables_of_the_stack_and_no_others() -> None:
    dependencies = yaml.safe_load((CHARTS / "orrery" / "Chart.yaml").read_text())["dependencies"]

    assert [one["alias"] for one in dependencies] == list(FLEET)
    assert {alias(one) for one in deployables(fleet())} == set(FLEET)
    assert all(one["condition"] == f"{one['alias']}.enabled" for one in dependencies)


@pytest.mark.parametrize("name", FLEET)
def test_ports_are_the_same_in_every_pod(name: str) -> None:
    (container,) = fleet().workload(f"orrery-{name}").spec["containers"]
    told = environment(container)
    ports = {port["name"]: port["containerPort"] for port in container["ports"]}

    assert told["ORRERY_PROCESS__OPERATIONS"] == f"0.0.0.0:{ports['operations']}"
    assert (told.get("ORRERY_RPC__LISTEN") == "0.0.0.0:7100") == ("rpc" in FLEET[name].needs) == ("grpc" in ports)
    assert (told.get("ORRERY_LISTEN") == "0.0.0.0:8080") == (name == "gateway") == ("http" in ports)


@SCENARIOS
def test_every_process_starts_with_what_it_is_told(
    values: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its own settings read the rendered variables: none is missing, none is unknown, each is well formed."""
    for workload in deployables(rendered("orrery", values)):
        (container,) = workload.spec["containers"]
        read(settings_of(FLEET[alias(workload)]), container, tmp_path, monkeypatch)


@SCENARIOS
def test_every_wait_for_the_schema_starts_with_what_it_is_told(
    values: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    waiting = [
        (workload, container)
        for workload in deployables(rendered("orrery", values))
        for container in workload.spec.get("initContainers", [])
    ]

    for workload, container in waiting:
        one = FLEET[alias(workload)]
        assert container["args"] == ["libs.database", "wait", one.folder.as_posix()]
        assert container["image"] == workload.spec["containers"][0]["image"]
        assert "PGPASSWORD" in environment(container)
        read(WaitSettings, container, tmp_path, monkeypatch)
    schemas = {alias(workload) for workload, _ in waiting}
    assert schemas == {alias(one) for one in deployables(rendered("orrery", values)) if FLEET[alias(one)].schema}


@SCENARIOS
def test_the_operators_command_starts_with_what_it_is_told(
    values: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    manifest = rendered("orrery", values)
    told = [one for one in manifest.workloads if alias(one) in ("admin", "migrate", "backup", "restore")]

    assert told
    for workload in told:
        for container in workload.containers:
            read(AdminSettings, container, tmp_path, monkeypatch)


def read(kind: type[Settings], container: Object, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Read the settings as the container would, its secrets and files made up."""
    with monkeypatch.context() as context:
        for name in os.environ:
            if name.startswith(ORRERY):
                context.delenv(name)
        told = {name: value for name, value in environment(container).items() if name.startswith(ORRERY)}
        assert told.keys() <= set(names(kind, ORRERY)), container["name"]
        for name, value in told.items():
            context.setenv(name, text(value, folder))
        kind.read()


def text(value: Any, folder: Path) -> str:
    if isinstance(value, dict):
        return SECRETS.get(value["secretKeyRef"]["key"], "made-for-tests")
    return ",".join(mounted(part, folder) for part in value.split(",")) if value.startswith(MOUNTED) else value


def mounted(path: str, folder: Path) -> str:
    """A file where the container has one."""
    place = folder / path.lstrip("/")
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text(authority() if path.endswith("ca.crt") else "made for tests")
    return str(place)


@cache
def authority() -> str:
    """A certificate that signed itself."""
    key = Ed25519PrivateKey.generate()
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "tests")])
    begins = datetime(2026, 1, 1, tzinfo=UTC)
    made = x509.CertificateBuilder(name, name, key.public_key(), 1, begins, begins + timedelta(days=3650))
    return made.sign(key, None).public_bytes(Encoding.PEM).decode()


@SCENARIOS
def test_every_file_that_is_named_is_mounted(values: Path) -> None:
    for workload in rendered("orrery", values).workloads:
        for container in workload.containers:
            folders = [mount["mountPath"] for mount in container.get("volumeMounts", [])]
            paths = [part for value in environment(container).values() if is_path(value) for part in value.split(",")]
            for path in paths:
                assert any(path == folder or path.startswith(f"{folder}/") for folder in folders), (workload.name, path)


def is_path(value: Any) -> bool:
    return isinstance(value, str) and value.startswith(MOUNTED)


@SCENARIOS
def test_volumes_that_are_renewed_are_mounted_whole(values: Path) -> None:
    """A file by subPath is never updated, so that a renewed certificate would not arrive."""
    mounts = [
        mount
        for workload in rendered("orrery", values).workloads
        for container in workload.containers
        for mount in container.get("volumeMounts", [])
    ]

    assert not [mount for mount in mounts if "subPath" in mount]
