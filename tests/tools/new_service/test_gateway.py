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


@pytest.mark.parametrize("before", [SHORT, LONG, gateway.ROUTES.read_text()])
def test_the_table_is_imported_and_listed(before: str) -> None:
    after = gateway.listed(before, NAMES)

    compile(after, "routes", "exec")
    assert after.count("star_charts") == 2
    assert "*star_charts.ROUTERS" in after


def test_the_address_is_a_setting_beside_the_others() -> None:
    before = gateway.SETTINGS.read_text()

    after = gateway.told(before, NAMES)

    compile(after, "settings", "exec")
    (added,) = set(after.splitlines()) - set(before.splitlines())
    assert added == "    star_charts: Address"
    assert "class ServiceSettings" in after.partition(added)[0].rpartition("\n\n\n")[2]


def test_what_is_there_stays(tmp_path: Path) -> None:
    for path in (gateway.ROUTES, gateway.SETTINGS):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(path.read_text())
    gateway.write(tmp_path, NAMES)
    once = [(tmp_path / path).read_text() for path in (gateway.ROUTES, gateway.SETTINGS)]

    gateway.write(tmp_path, NAMES)

    assert [(tmp_path / path).read_text() for path in (gateway.ROUTES, gateway.SETTINGS)] == once


def test_a_file_that_looks_otherwise_has_no_place() -> None:
    with pytest.raises(NotWritten):
        gateway.listed("ROUTERS = make()\n", NAMES)
    with pytest.raises(NotWritten):
        gateway.told("class Settings:\n    pass\n", NAMES)
