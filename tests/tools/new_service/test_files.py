"""What is written is as `make check` wants it; that it runs is shown by the services that were made this way."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tools.lint.rules import RULES
from tools.lint.sources import Tree
from tools.new_service import files
from tools.new_service.layout import tidy
from tools.new_service.names import Names

ROOT = Path.cwd()
COPIED = ("libs", "gateway", "admin", "third_party", "tools", "buf.yaml", "pyproject.toml", "protos/orrery/options")


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[Path]]:
    """A repository with one new service, and the files that were written."""
    root = tmp_path_factory.mktemp("repository")
    for name in COPIED:
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copyfile
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        copy(ROOT / name, root / name)
    for package in ("services", "tests", "tests/services"):
        (root / package).mkdir(parents=True, exist_ok=True)
        (root / package / "__init__.py").touch()
    paths = files.write(root, Names.of("star-charts", "charts", "maps"))
    tidy(root, paths)
    return root, paths


def passes(root: Path, *command: str) -> None:
    script = Path(sys.executable).with_name(command[0])
    done = subprocess.run([script, *command[1:]], cwd=root, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_file_has_its_place(written: tuple[Path, list[Path]]) -> None:
    root, paths = written

    assert {str(path) for path in paths} >= {
        "protos/orrery/charts/v1/maps.proto",
        "services/star_charts/__main__.py",
        "services/star_charts/maps/rpc.py",
        "services/star_charts/migrations/versions/0001_outbox_and_inbox.py",
        "tests/services/star_charts/test_health.py",
    }
    assert all("$" not in (root / path).read_text() for path in paths)


def test_it_is_as_ruff_and_buf_want_it(written: tuple[Path, list[Path]]) -> None:
    root, paths = written
    python = [str(path) for path in paths if path.suffix == ".py"]

    passes(root, "ruff", "check", "--no-cache", *python)
    passes(root, "ruff", "format", "--no-cache", "--check", *python)
    passes(root, "buf", "lint")


def test_it_breaks_no_rule_and_no_contract(written: tuple[Path, list[Path]]) -> None:
    root, paths = written

    offences = [line for rule in RULES for line in rule.report(Tree(root, paths))]
    assert [line for line in offences if "star_charts" in line] == []
    passes(root, "lint-imports", "--no-cache")
