import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml

from tools.new_service import compose, stack
from tools.new_service.errors import NotWritten
from tools.new_service.names import Names

NAMES = Names.of("star-charts", "charts", "maps")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A repository whose stack has the service already."""
    (tmp_path / stack.STACK).parent.mkdir(parents=True)
    for path in (stack.STACK, compose.COMPOSE):
        shutil.copyfile(path, tmp_path / path)
    stack.write(tmp_path, NAMES)
    return tmp_path


def services(root: Path) -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((root / compose.COMPOSE).read_text())["services"]
    return found


def test_container_migration_and_address_are_added(root: Path) -> None:
    before = services(root)

    compose.write(root, NAMES)

    after = services(root)
    assert after.keys() - before.keys() == {"star-charts", "migrate-star-charts"}
    port = after["star-charts"]["environment"]["ORRERY_RPC__LISTEN"].rpartition(":")[2]
    assert after["gateway"]["environment"]["ORRERY_SERVICES__STAR_CHARTS"] == f"star-charts:{port}"


def test_a_service_that_is_there_stays(root: Path) -> None:
    compose.write(root, NAMES)
    once = (root / compose.COMPOSE).read_text()

    assert compose.write(root, NAMES) == []
    assert (root / compose.COMPOSE).read_text() == once


def test_a_file_without_a_gateway_is_left_alone(root: Path) -> None:
    (root / compose.COMPOSE).write_text("services:\n")

    with pytest.raises(NotWritten):
        compose.write(root, NAMES)
