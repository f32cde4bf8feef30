"""The system user that a server runs as where it refuses root, and a place that this user can reach."""

import hashlib
import os
import pwd
import shutil
import subprocess
from pathlib import Path

from tools.stack.errors import Missing

AWAY = Path("/var/lib/orrery")


def ensure(name: str) -> str:
    """Make the system user unless it exists; raises Missing where it cannot be made."""
    try:
        return pwd.getpwnam(name).pw_name
    except KeyError:
        create = ["useradd", "--system", "--user-group", "--no-create-home", "--shell", "/usr/sbin/nologin", name]
    if shutil.which("useradd") and subprocess.run(create, capture_output=True, check=False).returncode in {0, 9}:
        return name  # 9: another process made it meanwhile
    raise Missing(f"the system user {name}", " ".join(create))


def can_reach(path: Path, name: str) -> bool:
    """Whether the user may enter every folder down to `path` by what others are allowed."""
    uid = pwd.getpwnam(name).pw_uid
    return all(
        folder.stat().st_mode & 0o001 or folder.stat().st_uid == uid
        for folder in (path, *path.parents)
        if folder.is_dir()
    )


def away(path: Path) -> Path:
    """A stable folder outside, for a `path` that the user cannot reach (a checkout under /root, say)."""
    AWAY.mkdir(parents=True, exist_ok=True)
    AWAY.chmod(0o755)
    return AWAY / hashlib.sha256(os.fsencode(path)).hexdigest()[:12]


def open_to_all(folder: Path) -> None:
    """Let everybody read what lies in the folder, whatever the umask was when it was written."""
    for path in (folder, *folder.rglob("*")):
        if not path.is_symlink():
            mode = path.stat().st_mode
            path.chmod(mode | (0o055 if mode & 0o100 else 0o044))
