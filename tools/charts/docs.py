"""Each chart's README, made from the comments of its values."""

import tempfile
from pathlib import Path

from tools.charts.prepare import sources
from tools.charts.programs import CHARTS, run

README = "README.md"


def made(charts: Path = CHARTS) -> dict[str, str]:
    """The README of each chart as helm-docs writes it now."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder)
        for source in sources(charts):
            place = copy / source.relative_to(charts)
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(source.read_bytes())
        run("helm-docs", "--chart-search-root", folder, "--log-level", "warning", "--sort-values-order", "file")
        return {path.parent.name: path.read_text() for path in sorted(copy.glob(f"*/{README}"))}


def outdated(charts: Path = CHARTS) -> list[str]:
    """The charts whose README is not what their values' comments say."""
    return [name for name, text in made(charts).items() if written(charts / name / README) != text]


def write(charts: Path = CHARTS) -> None:
    """Write every README anew."""
    for name, text in made(charts).items():
        (charts / name / README).write_text(text)


def written(path: Path) -> str:
    return path.read_text() if path.exists() else ""
