"""`make check` holds the wire against what was released."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path.cwd()
PROTO = """// Notes.
syntax = "proto3";
package orrery.notes.v1;
// A note.
message Note {
  // Its text.
  string text = 1;
}
"""


def git(repository: Path, *arguments: str) -> None:
    identity = ["-c", "user.name=Ada", "-c", "user.email=ada@example.org"]
    subprocess.run(["git", *identity, *arguments], cwd=repository, check=True, capture_output=True)


def write(repository: Path, proto: str) -> None:
    path = repository / "protos/orrery/notes/v1/notes.proto"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(proto)


def compare(repository: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "tools.breaking"]
    environment = {"PYTHONPATH": str(ROOT), "PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": str(repository)}
    return subprocess.run(command, cwd=repository, env=environment, capture_output=True, text=True, check=False)


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A repository with one commit that has one proto."""
    (tmp_path / "buf.yaml").write_text("version: v2\nmodules:\n  - path: protos\nbreaking:\n  use: [WIRE_JSON]\n")
    (tmp_path / "third_party/protos").mkdir(parents=True)
    (tmp_path / "third_party/protos/.keep").touch()
    write(tmp_path, PROTO)
    git(tmp_path, "init", "--initial-branch=main")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-m", "First")
    return tmp_path


def test_the_first_commit_has_nothing_to_compare_with(repository: Path) -> None:
    compared = compare(repository)

    assert compared.returncode == 0
    assert "nothing to compare with" in compared.stdout


def test_a_changed_type_is_refused_against_the_commit_before(repository: Path) -> None:
    write(repository, PROTO.replace("string text", "bytes text"))
    git(repository, "commit", "-am", "Second")

    compared = compare(repository)

    assert compared.returncode != 0
    assert "notes.proto" in compared.stdout


def test_a_new_field_is_fine(repository: Path) -> None:
    write(repository, PROTO.replace("}\n", "  // Its author.\n  string author = 2;\n}\n"))
    git(repository, "commit", "-am", "Second")

    assert compare(repository).returncode == 0


def test_a_release_is_what_counts_once_there_is_one(repository: Path) -> None:
    git(repository, "tag", "v0.1.0")
    write(repository, PROTO.replace("string text", "bytes text"))
    git(repository, "commit", "-am", "Second")
    git(repository, "commit", "--allow-empty", "-m", "Third")

    assert compare(repository).returncode != 0


def test_a_branch_is_compared_with_where_it_left_main(repository: Path) -> None:
    git(repository, "switch", "--create", "notes")
    write(repository, PROTO.replace("string text", "bytes text"))
    git(repository, "commit", "-am", "Second")
    git(repository, "commit", "--allow-empty", "-m", "Third")

    assert compare(repository).returncode != 0
