"""Lints every service's migrations with squawk: `python -m tools.migrations`.

Each revision is rendered to SQL by itself: squawk forgives whatever happens to a table that the same file makes, and
in one long file a rewrite of the second year would look as harmless as the creation.
"""

import io
import subprocess
import sys
import tempfile
from pathlib import Path

from alembic import command
from alembic.script import ScriptDirectory

from libs.database.migrate import config


def services(root: Path) -> list[Path]:
    """The service folders that have migrations, relative to the root."""
    return sorted(folder.parent.parent.relative_to(root) for folder in root.glob("services/*/migrations/versions"))


def render(service: Path) -> dict[str, str]:
    """The SQL of each revision of a service, by the file's name; raises alembic's CommandError for a broken chain."""
    settings = config(service, "postgresql://")
    rendered = {}
    for script in ScriptDirectory.from_config(settings).walk_revisions():
        settings.output_buffer = io.StringIO()
        command.upgrade(settings, f"{script.down_revision or 'base'}:{script.revision}", sql=True)
        rendered[Path(script.path).stem] = settings.output_buffer.getvalue()
    return rendered


def write(target: Path) -> list[Path]:
    """Render all services under the target: services/media/0001_videos.sql."""
    written = []
    for service in services(Path.cwd()):
        for name, sql in render(service).items():
            path = target / service / f"{name}.sql"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(sql)
            written.append(path)
    return sorted(written)


def main() -> None:
    squawk = Path(sys.executable).with_name("squawk")
    settings = Path.cwd() / ".squawk.toml"
    with tempfile.TemporaryDirectory(prefix="migrations-") as target:
        files = [path.relative_to(target) for path in write(Path(target))]
        if not files:
            return print("no migrations")
        linted = subprocess.run([squawk, "--reporter", "gcc", "--config", settings, *files], cwd=target, check=False)
    sys.exit(linted.returncode)


if __name__ == "__main__":
    main()
