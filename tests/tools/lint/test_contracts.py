"""The import contracts of pyproject.toml refuse what they are there to refuse."""

import subprocess
import sys
from pathlib import Path

import pytest

LIBRARIES = (
    "process",
    "outbox",
    "inbox",
    "jobs",
    "kafka",
    "rpc",
    "database",
    "blobs",
    "telemetry",
    "settings",
    "errors",
)
FEATURE = "services/media/videos"
MODULES = [
    *(f"libs/{name}/__init__.py" for name in LIBRARIES),
    *(f"{FEATURE}/{role}.py" for role in ("rpc", "consumers", "operations", "repository", "models", "errors")),
    "services/auth/accounts/models.py",
    "gateway/app.py",
    "admin/__main__.py",
    "tools/check.py",
]


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """Empty modules of every kind, under the real contracts."""
    for name in MODULES:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
        for folder in path.relative_to(tmp_path).parents[:-1]:
            (tmp_path / folder / "__init__.py").touch()
    (tmp_path / "pyproject.toml").write_text(Path("pyproject.toml").read_text())
    return tmp_path


def lint(repository: Path) -> subprocess.CompletedProcess[str]:
    command = [str(Path(sys.executable).parent / "lint-imports"), "--no-cache"]
    environment = {"PYTHONPATH": str(repository), "PATH": "/usr/bin:/bin"}
    return subprocess.run(command, cwd=repository, env=environment, capture_output=True, text=True, check=False)


@pytest.mark.parametrize(
    ("module", "imported", "contract"),
    [
        ("services/media/videos/rpc.py", "services.auth.accounts.models", "No service imports another"),
        ("services/media/videos/rpc.py", "gateway.app", "side by side"),
        ("libs/rpc/__init__.py", "services.media.videos.models", "side by side"),
        ("libs/kafka/__init__.py", "libs.database", "ladder"),
        ("libs/telemetry/__init__.py", "libs.rpc", "ladder"),
        ("services/media/videos/operations.py", "services.media.videos.rpc", "Inside a feature"),
        ("services/media/videos/models.py", "services.media.videos.repository", "Inside a feature"),
        ("gateway/app.py", "tools.check", "Nothing that is deployed"),
    ],
)
def test_an_import_against_the_grain_is_refused(repository: Path, module: str, imported: str, contract: str) -> None:
    (repository / module).write_text(f"import {imported}\n")

    linted = lint(repository)

    broken = [line for line in linted.stdout.splitlines() if line.endswith("BROKEN")]
    assert linted.returncode == 1
    assert any(contract in line for line in broken)


def test_a_library_without_a_rung_is_refused(repository: Path) -> None:
    (repository / "libs/cache").mkdir()
    (repository / "libs/cache/__init__.py").touch()

    assert lint(repository).returncode == 1


def test_imports_with_the_grain_are_kept(repository: Path) -> None:
    (repository / FEATURE / "rpc.py").write_text("import services.media.videos.operations\nimport libs.rpc\n")
    (repository / FEATURE / "operations.py").write_text("import services.media.videos.repository\nimport libs.outbox\n")

    linted = lint(repository)

    assert linted.returncode == 0, linted.stdout
