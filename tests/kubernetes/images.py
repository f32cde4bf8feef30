"""The next release: the same images under another tag, two of them with one more migration in a layer of their own."""

from pathlib import Path

from libs.database.revisions import newest
from tests.kubernetes.kubectl import run
from tools.images.catalogue import images
from tools.stack.layout import ROOT

CLUSTER = str(ROOT / "tools" / "kubernetes" / "cluster.sh")
TODAY, NEXT = "dev", "next"
SERVICE = "services/auth"
COLUMN = "trial_of_the_next_release"
CHANGED = ("auth", "admin")  # who has this service's migrations
MIGRATION = '''"""One more column. Nullable: the previous release does not write it."""

from alembic import op

revision, down_revision = {revision!r}, {before!r}


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("ALTER TABLE user_account ADD COLUMN {column} text")
'''


def make_next(folder: Path) -> str:
    """Make and load the images of the next release; the revision that its schema has."""
    before = newest(ROOT / SERVICE)
    revision = f"{int(before) + 1:04}"
    file = f"{revision}_next.py"
    (folder / file).write_text(MIGRATION.format(revision=revision, before=before, column=COLUMN))
    for name in images():
        today, following = (f"localhost/orrery/{name}:{tag}" for tag in (TODAY, NEXT))
        if name in CHANGED:
            (folder / "Dockerfile").write_text(f"FROM {today}\nCOPY {file} {SERVICE}/migrations/versions/\n")
            run(CLUSTER, "build-image", following, str(folder))
        elif name != "stores":
            run(CLUSTER, "tag-image", today, following)
    return revision
