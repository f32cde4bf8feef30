from pathlib import Path

import pytest

from tools.new_service import gateway
from tools.new_service.errors import NotWritten
from tools.new_service.names import Names

NAMES = Names.of("star-charts", "charts", "maps")
SHORT = """from gateway.router import RpcRouter
from gateway.routes import audit, auth

ROUTERS: tuple[RpcRouter, ...] = (*auth.ROUTERS, *audit.ROUTERS)
"""
LONG = """from gateway.router import RpcRouter
from gateway.routes import (
    audit,
    auth,
)

ROUTERS: tuple[RpcRouter, ...] = (
    *auth.ROUTERS,
    *audit.ROUTERS,
)
"""


def routes(root: Path, text: str) -> Path:
    path = root / gateway.ROUTES
    path.parent.mkdir(parents=True)
    path.write_text(text)
    return path


@pytest.mark.parametrize("before", [SHORT, LONG, gateway.ROUTES.read_text()])
def test_the_table_is_imported_and_listed(tmp_path: Path, before: str) -> None:
    path = routes(tmp_path, before)

    gateway.write(tmp_path, NAMES)

    text = path.read_text()
    compile(text, str(path), "exec")
    assert text.count("star_charts") == 2
    assert "*star_charts.ROUTERS" in text


def test_a_table_that_is_listed_stays(tmp_path: Path) -> None:
    path = routes(tmp_path, SHORT)
    gateway.write(tmp_path, NAMES)
    once = path.read_text()

    assert gateway.write(tmp_path, NAMES) == []
    assert path.read_text() == once


def test_a_list_that_looks_otherwise_is_left_alone(tmp_path: Path) -> None:
    path = routes(tmp_path, "ROUTERS = make()\n")

    with pytest.raises(NotWritten):
        gateway.write(tmp_path, NAMES)

    assert path.read_text() == "ROUTERS = make()\n"
