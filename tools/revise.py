"""Writes a service's next migration from what its models say: `python -m tools.revise SERVICE MESSAGE`.

The models are compared with what the migrations so far make of an empty server, a real one that lives for the moment.
"""

import subprocess
import sys
from pathlib import Path

from libs.database.migrate import new_revision, upgrade
from libs.database.provision import provision
from tools.stack import parts
from tools.stack.layout import load

PASSWORD = "for-the-moment"  # noqa: S105  # the server is gone when this ends


def revise(folder: Path, schema: str, message: str) -> None:
    """Write services/<name>/migrations/versions/<next>_<message>.py."""
    with parts.Postgres.ephemeral() as server:
        provision(server.dsn(), schema, PASSWORD, PASSWORD)
        owner = server.dsn(user=f"{schema}_owner", password=PASSWORD)
        upgrade(folder, owner)
        new_revision(folder, owner, message)
    tidy(max((folder / "migrations/versions").glob("[0-9]*.py")))


def tidy(revision: Path) -> None:
    """Lay out what Alembic wrote, without its own comments."""
    lines = revision.read_text().splitlines(keepends=True)
    revision.write_text("".join(line for line in lines if "# ###" not in line))
    ruff = Path(sys.executable).with_name("ruff")
    for command in (["check", "--select", "I,F401,PIE790", "--fix"], ["format"]):
        subprocess.run([ruff, *command, "--quiet", str(revision)], check=True)
    print(revision)


def main(name: str, message: str) -> None:
    schemas = {folder.name: (folder, schema) for schema, folder in load().schemas.items()}
    service = name.replace("-", "_")
    if service not in schemas:
        known = ", ".join(sorted(schemas))
        sys.exit(f'no service {name!r} has a schema: make migration S=media M="…"; there are {known}')
    if not message:
        sys.exit('say what changes: make migration S=media M="Videos have a language"')
    revise(*schemas[service], message)


if __name__ == "__main__":
    main(*sys.argv[1:])
