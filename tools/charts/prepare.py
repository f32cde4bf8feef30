"""Charts with their dependencies beside them."""

import hashlib
import shutil
import time
from pathlib import Path

from tools.charts.programs import CHARTS, run, work
from tools.stack.install.once import make_once

MADE = ("charts", "Chart.lock")  # by `helm dependency build`; not in git
KEPT_SECONDS = 24 * 3600  # a copy that was not used for so long goes


def prepared(chart: str, charts: Path = CHARTS) -> Path:
    """The folder of a chart that Helm can render, install or package at once."""
    return copied(charts, digest(charts)) / chart


def copied(charts: Path, state: str) -> Path:
    target = work() / state

    def fill(folder: Path) -> None:
        for source in sources(charts):
            place = folder / source.relative_to(charts)
            place.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, place)
        for manifest in sorted(folder.glob("*/Chart.yaml")):  # what others depend on comes first by its name
            if "\ndependencies:" in manifest.read_text():
                run("helm", "dependency", "build", "--skip-refresh", str(manifest.parent))

    make_once(target, fill)
    target.touch()
    forget(target.parent, len(state))
    return target


def sources(charts: Path) -> list[Path]:
    """The files of all charts, without what is made."""
    found = (path for path in charts.rglob("*") if path.is_file())
    return sorted(path for path in found if not is_made(path.relative_to(charts)))


def is_made(path: Path) -> bool:
    return len(path.parts) > 1 and path.parts[1] in MADE


def digest(charts: Path) -> str:
    total = hashlib.sha256()
    for path in sources(charts):
        total.update(f"{path.relative_to(charts)}\0{hashlib.sha256(path.read_bytes()).hexdigest()}\n".encode())
    return total.hexdigest()[:16]


def forget(folder: Path, length: int) -> None:
    """Remove the copies that nobody uses any more; others may use theirs at this moment."""
    oldest = time.time() - KEPT_SECONDS
    for copy in folder.iterdir():
        if len(copy.name) == length and copy.is_dir() and copy.stat().st_mtime < oldest:
            shutil.rmtree(copy, ignore_errors=True)
