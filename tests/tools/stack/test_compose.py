"""compose.yaml says what stack.toml says: the same ports, versions, processes and variables."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from tools.stack import compose, start
from tools.stack.environment import Surroundings
from tools.stack.layout import ROOT, VERSIONS, load

FILE = ROOT / "compose.yaml"
INSIDE = {"kafka-controller"}  # ports that nobody outside needs


@pytest.fixture(scope="module")
def services() -> dict[str, Any]:
    services: dict[str, Any] = yaml.safe_load(FILE.read_text())["services"]
    return services


@pytest.fixture
def told(folder: Path) -> Surroundings:
    return start.surroundings(load({"STACK_FOLDER": str(folder)}))


def test_the_ports_are_those_of_the_stack_and_on_loopback_alone(services: dict[str, Any]) -> None:
    published = [port.rsplit(":", 2) for service in services.values() for port in service.get("ports", [])]

    assert {host for host, _, _ in published} == {"127.0.0.1"}
    ports = {port for name, port in load({}).ports.items() if name not in INSIDE}
    assert {int(port) for _, port, _ in published} == ports


def test_each_process_is_told_the_same_names_as_by_make_up(services: dict[str, Any], told: Surroundings) -> None:
    by_compose = {one.name: set(services[one.name]["environment"]) for one in told.layout.deployables}

    assert by_compose == {one.name: set(told.own(one)) for one in told.layout.deployables}


def test_each_process_runs_its_module_from_its_services_image(services: dict[str, Any], told: Surroundings) -> None:
    for one in told.layout.deployables:
        service = services[one.name]
        assert service["command"] == [one.module]
        assert service["build"]["args"]["SERVICE"] == str(one.folder)
        assert service["image"] == f"orrery/{one.folder.name.replace('_', '-')}"
        assert service["healthcheck"]["test"][0] == "CMD"


def test_each_schema_is_migrated_before_its_processes_start(services: dict[str, Any], told: Surroundings) -> None:
    for one in told.layout.deployables:
        migrations = [name for name in services[one.name]["depends_on"] if name.startswith("migrate-")]
        schemas = [services[name]["environment"]["ORRERY_MIGRATE__SCHEMA_NAME"] for name in migrations]
        assert schemas == ([one.schema] if one.schema else [])


def test_the_parts_have_the_versions_of_the_stack(services: dict[str, Any]) -> None:
    assert services["kafka"]["image"].endswith(f":{VERSIONS['kafka']}")
    assert services["s3"]["image"].endswith(f":{VERSIONS['versitygw']}")


def test_every_variable_of_the_file_is_written_by_make_secrets(told: Surroundings) -> None:
    wanted = set(re.findall(r"\$\{([A-Z0-9_]+)\}", FILE.read_text()))

    written = {line.partition("=")[0] for line in compose.write_environment(told).read_text().splitlines()}

    assert wanted <= written


def test_a_new_service_is_added_as_those_that_are_there(services: dict[str, Any], told: Surroundings) -> None:
    audit = next(one for one in told.layout.deployables if one.name == "audit")
    text = FILE.read_text()
    before, _, rest = text.partition("  migrate-audit:")
    without = before + rest[rest.index("  migrate-control-plane:") :]

    made = yaml.safe_load(compose.added(without, audit))

    assert "audit" not in yaml.safe_load(without)["services"]
    assert made == yaml.safe_load(text)
