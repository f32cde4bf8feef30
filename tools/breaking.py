"""Holds the protos against those of the last release: `python -m tools.breaking [REVISION]`.

Compared with the newest tag; before the first one with where this branch left main, and on main with the commit before.
A wire change that breaks whoever was built from there is refused.
"""

import subprocess
import sys
import tempfile
from pathlib import Path

TRUNKS = ("origin/main", "main")
NEEDED = ("buf.yaml", "protos", "third_party/protos")


def git(*arguments: str) -> str:
    """What git prints; empty where it fails."""
    done = subprocess.run(["git", *arguments], capture_output=True, text=True, check=False)
    return done.stdout.strip() if done.returncode == 0 else ""


def former() -> str:
    """The commit to compare with; empty where there is none."""
    if tag := git("describe", "--tags", "--abbrev=0"):
        return tag
    head = git("rev-parse", "HEAD")
    for trunk in TRUNKS:
        left = git("merge-base", "HEAD", trunk)
        if left and left != head:
            return left
    return git("rev-parse", "--verify", "HEAD~1")


def unpack(revision: str, target: Path) -> bool:
    """Write the protos of a commit to the target; False where that commit had none."""
    if not git("ls-tree", "--name-only", revision, "protos"):
        return False
    archive = subprocess.run(["git", "archive", revision, "--", *NEEDED], capture_output=True, check=True)
    subprocess.run(["tar", "-x", "-C", str(target)], input=archive.stdout, check=True)
    return True


def main(revision: str) -> None:
    if not revision:
        return print("nothing to compare with: this is the first commit")
    buf = Path(sys.executable).with_name("buf")
    with tempfile.TemporaryDirectory(prefix="protos-") as target:
        if not unpack(revision, Path(target)):
            return print(f"nothing to compare with: {revision} has no protos")
        compared = subprocess.run([buf, "breaking", "--against", target], check=False)
    sys.exit(compared.returncode)


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else former())
