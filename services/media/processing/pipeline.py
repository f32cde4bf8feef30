"""From a file to everything that is made of it, in one order: cheap and telling steps first, the encoding last."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from services.media.processing.captures import captures
from services.media.processing.hls import MASTER, hls
from services.media.processing.limits import Limits
from services.media.processing.loudness import Features, loudness
from services.media.processing.probe import Probe, probe
from services.media.processing.thumbnail import thumbnail

CONTENT_TYPES = {
    ".jpg": "image/jpeg",
    ".m3u8": "application/vnd.apple.mpegurl",
    ".m4s": "video/mp4",
    ".mp4": "video/mp4",
}
SHARES = {"probe": 0.05, "thumbnail": 0.12, "captures": 0.30, "loudness": 0.33, "hls": 1.0}
"""How much of all the work is done when a step is, by the CPU time they take of a short film."""

OnProgress = Callable[[str, float], None]
"""Told a step's name and the share of all work done, 0 to 1; must not block."""


@dataclass(frozen=True, slots=True)
class Artifact:
    """A file that was made; `path` is relative to the working directory, with slashes, and safe as an object's key."""

    path: str
    content_type: str
    size: int


@dataclass(frozen=True, slots=True)
class Moment:
    """A capture: seconds from the start, and its artifact's path."""

    seconds: float
    path: str


@dataclass(frozen=True, slots=True)
class Result:
    """What was found and made."""

    probe: Probe
    thumbnail: str
    captures: tuple[Moment, ...]
    analyses: tuple[Features, ...]
    master_playlist: str
    media_playlists: tuple[str, ...]
    """Best rendition first."""
    artifacts: tuple[Artifact, ...]
    """Every file; the playlists last, so that whoever uploads in this order shows nothing half."""


def silent(step: str, share: float) -> None:
    """Tells nobody."""


async def process(source: Path, workdir: Path, limits: Limits, progress: OnProgress = silent) -> Result:
    """Process `source` into `workdir`, which exists and has no thumbnail.jpg, captures/ or hls/ yet.

    Raises Unusable (final; the sentence is for the video's owner), Interrupted (try again), or OSError. Whatever it
    raises, cancellation too, no process is left; files are, and the caller removes `workdir`.
    """
    pictures, streams, picture = workdir / "captures", workdir / "hls", workdir / "thumbnail.jpg"
    pictures.mkdir()
    streams.mkdir()
    found = await probe(source, directory=pictures, limits=limits)
    progress("probe", SHARES["probe"])
    await thumbnail(source, found, target=picture, limits=limits)
    progress("thumbnail", SHARES["thumbnail"])
    moments = await captures(source, found, directory=pictures, limits=limits)
    progress("captures", SHARES["captures"])
    analyses = await loudness(source, found, directory=pictures, limits=limits)
    progress("loudness", SHARES["loudness"])
    playlists = await hls(source, found, directory=streams, limits=limits, heard=encoded(progress))
    progress("hls", SHARES["hls"])
    return Result(
        probe=found,
        thumbnail=picture.name,
        captures=tuple(Moment(one.seconds, one.path.relative_to(workdir).as_posix()) for one in moments),
        analyses=tuple(analyses),
        master_playlist=f"hls/{MASTER}",
        media_playlists=tuple(f"hls/{name}" for name in playlists),
        artifacts=artifacts(workdir, (picture, *pictures.iterdir(), *streams.iterdir())),
    )


def encoded(progress: OnProgress) -> Callable[[float], None]:
    """Spreads the encoding's own share over the part of all work that it is."""
    before = SHARES["loudness"]
    return lambda share: progress("hls", before + share * (SHARES["hls"] - before))


def artifacts(workdir: Path, files: tuple[Path, ...]) -> tuple[Artifact, ...]:
    ordered = sorted(files, key=lambda path: (path.suffix == ".m3u8", path.name == MASTER, path.as_posix()))
    return tuple(
        Artifact(path.relative_to(workdir).as_posix(), CONTENT_TYPES[path.suffix], path.stat().st_size)
        for path in ordered
    )
