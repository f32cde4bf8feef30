"""`make islands`: what is declared may be imported, nothing else."""

import subprocess
import sys
from pathlib import Path

import pytest

from tools.islands import closure, members, requirements

ROOT = Path.cwd()


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """Two libraries; libs.kafka imports libs.errors."""
    for name in ("libs", "libs/kafka", "libs/errors"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "__init__.py").touch()
    (tmp_path / "libs/kafka/client.py").write_text("import libs.errors\n")
    return tmp_path


def inside(repository: Path, package: str, *declared: str) -> subprocess.CompletedProcess[str]:
    """The second half of an island, in an environment without third-party packages."""
    command = [sys.executable, "-S", str(ROOT / "tools/islands.py"), "--inside", package, *declared]
    environment = {"PYTHONPATH": str(repository)}
    return subprocess.run(command, cwd=repository, env=environment, capture_output=True, text=True, check=False)


def test_a_declared_member_may_be_imported(repository: Path) -> None:
    island = inside(repository, "libs.kafka", "libs.kafka", "libs.errors")

    assert island.returncode == 0, island.stderr


def test_a_member_beside_it_that_is_not_declared_is_refused(repository: Path) -> None:
    island = inside(repository, "libs.kafka", "libs.kafka")

    assert island.returncode == 1
    assert "libs.kafka imports without declaring it" in island.stderr
    assert '"libs.errors"' in island.stderr


def test_a_package_that_is_not_declared_cannot_be_imported(repository: Path) -> None:
    (repository / "libs/errors/wire.py").write_text("import grpc\n")

    island = inside(repository, "libs.errors", "libs.errors")

    assert island.returncode == 1
    assert "libs.errors.wire cannot be imported from what is declared" in island.stderr


def test_versions_and_extras_are_no_part_of_a_name() -> None:
    assert requirements(["sqlalchemy[asyncio]>=2.0", "orrery-rpc", "minio >= 7"]) == {
        "sqlalchemy",
        "orrery-rpc",
        "minio",
    }


def test_what_a_declared_member_declares_is_declared() -> None:
    direct = {
        "media": {"outbox"},
        "outbox": {"kafka"},
        "kafka": {"settings"},
        "settings": set[str](),
        "blobs": set[str](),
    }

    assert closure("media", direct) == {"media", "outbox", "kafka", "settings"}


def test_every_library_service_and_the_gateway_are_members() -> None:
    packages = {member.package for member in members().values()}

    assert {"libs.rpc", "libs.settings", "services.media", "gateway"} <= packages
    assert all("libs.settings" in member.declares for member in members().values() if member.package == "gateway")
