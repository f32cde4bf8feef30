"""Migrations are linted one by one, as the SQL that they become."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path.cwd()
FIRST = '''
"""Notes."""
from alembic import op

revision, down_revision = "0001", None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("CREATE TABLE notes (note_id BIGSERIAL PRIMARY KEY, title VARCHAR(255) NOT NULL)")
    op.execute("CREATE INDEX ix_notes_title ON notes (title)")
'''
SECOND = '''
"""More."""
from alembic import op

revision, down_revision = "0002", "0001"


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("{statement}")
'''


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A service with one migration."""
    versions = tmp_path / "services/notes/migrations/versions"
    versions.mkdir(parents=True)
    (versions / "0001_notes.py").write_text(FIRST)
    (tmp_path / ".squawk.toml").write_text((ROOT / ".squawk.toml").read_text())
    return tmp_path


def lint(repository: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "tools.migrations"]
    environment = {"PYTHONPATH": f"{ROOT}:{ROOT / 'gen'}", "PATH": "/usr/bin:/bin"}
    return subprocess.run(command, cwd=repository, env=environment, capture_output=True, text=True, check=False)


def test_a_new_table_may_have_its_indexes(repository: Path) -> None:
    linted = lint(repository)

    assert linted.returncode == 0, linted.stdout + linted.stderr


@pytest.mark.parametrize(
    ("statement", "rule"),
    [
        ("CREATE INDEX ix_notes_id ON notes (note_id)", "require-concurrent-index-creation"),
        ("ALTER TABLE notes DROP COLUMN title", "ban-drop-column"),
        ("ALTER TABLE notes RENAME COLUMN title TO name", "renaming-column"),
    ],
)
def test_what_hurts_the_running_release_is_refused_in_a_later_one(repository: Path, statement: str, rule: str) -> None:
    later = repository / "services/notes/migrations/versions/0002_more.py"
    later.write_text(SECOND.format(statement=statement))

    linted = lint(repository)

    assert linted.returncode == 1
    assert "services/notes/0002_more.sql" in linted.stdout
    assert rule in linted.stdout


def test_a_column_that_may_be_null_is_fine(repository: Path) -> None:
    later = repository / "services/notes/migrations/versions/0002_more.py"
    later.write_text(SECOND.format(statement="ALTER TABLE notes ADD COLUMN language TEXT"))

    assert lint(repository).returncode == 0


def test_waiting_for_a_lock_without_a_limit_is_refused(repository: Path) -> None:
    later = repository / "services/notes/migrations/versions/0002_more.py"
    unlimited = SECOND.format(statement="ALTER TABLE notes ADD COLUMN language TEXT").splitlines()
    later.write_text("\n".join(line for line in unlimited if "lock_timeout" not in line))

    linted = lint(repository)

    assert linted.returncode == 1
    assert "require-lock-timeout" in linted.stdout
