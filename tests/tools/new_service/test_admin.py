"""A new service is known to `orrery migrate` and packed into the admin image."""

import shutil
import tomllib
from pathlib import Path

import pytest

from tools.new_service import admin
from tools.new_service.errors import NotWritten
from tools.new_service.names import Names

NAMES = Names.of("star-charts", "charts", "maps")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "admin").mkdir()
    for path in (admin.SCHEMAS, admin.MEMBER):
        shutil.copy(path, tmp_path / path)
    return tmp_path


def test_its_schema_and_its_code_are_added_once(root: Path) -> None:
    assert admin.write(root, NAMES) == [admin.SCHEMAS, admin.MEMBER]
    once = [(root / path).read_text() for path in (admin.SCHEMAS, admin.MEMBER)]

    assert admin.write(root, NAMES) == []

    assert once == [(root / path).read_text() for path in (admin.SCHEMAS, admin.MEMBER)]
    assert '"charts": Path("services/star_charts"),\n}' in once[0]
    told = tomllib.loads(once[1])
    assert "star-charts" in told["project"]["dependencies"]
    assert told["tool"]["uv"]["sources"]["star-charts"] == {"workspace": True}


def test_a_file_that_looks_otherwise_is_refused(root: Path) -> None:
    (root / admin.SCHEMAS).write_text("SCHEMES = {}\n")

    with pytest.raises(NotWritten, match=r"schemas\.py does not look as it did"):
        admin.write(root, NAMES)
