"""Pictures taken where a video's scene changes, and its first one."""

import re
from dataclasses import dataclass
from pathlib import Path

from services.media.processing.errors import Damaged
from services.media.processing.ffmpeg import ffmpeg, reading
from services.media.processing.limits import Limits
from services.media.processing.pictures import fit, scaled
from services.media.processing.probe import Probe

CHANGE = 0.3
"""How unlike its predecessor (0 to 1) a picture must be; hard cuts score 0.4 and more, pans and zooms below 0.2."""
CLOSEST_SECONDS = 0.5
"""Cuts nearer to the last one than this are part of it: flashes, strobes, wipes."""
TAKEN_PER_KEPT = 5
"""Files that one pass may write for each that is kept in the end."""
WIDTH = 640
TIME = re.compile(rb"pts_time:(-?[0-9.]+)")


@dataclass(frozen=True, slots=True)
class Capture:
    """A picture and when it is seen."""

    seconds: float
    path: Path


async def captures(source: Path, found: Probe, *, directory: Path, limits: Limits) -> list[Capture]:
    """Write 000001.jpg … to `directory`, at most `limits.captures`, in time order; one decoding pass.

    More scenes than that are thinned evenly. Raises Damaged when no picture can be decoded.
    """
    times: list[float] = []

    def note(line: bytes) -> None:
        if match := TIME.search(line):
            times.append(max(0.0, float(match[1])))

    closest = max(CLOSEST_SECONDS, found.duration_seconds / (limits.captures * TAKEN_PER_KEPT))
    command = (*reading(source, found.container, limits), *taking(found, closest))
    await ffmpeg(command, directory=directory, bounds=limits.bounds(found.duration_seconds), fold=note)
    return keep(taken(times, directory), limits.captures)


def taking(found: Probe, closest: float) -> list[str]:
    """Scale first (comparing small pictures is cheap), choose, print the time of each chosen one, write it."""
    chosen = f"select='isnan(prev_selected_t)+gt(scene,{CHANGE})*gte(t-prev_selected_t,{closest:.3f})'"
    steps = (scaled(fit(found.width, found.height, WIDTH, WIDTH)), chosen, "metadata=print:file=-", "format=yuvj420p")
    return [
        *("-map", f"0:{found.video_stream}", "-vf", ",".join(steps), "-fps_mode", "passthrough"),
        *("-map_metadata", "-1", "-q:v", "4", "-f", "image2", "%06d.jpg"),
    ]


def taken(times: list[float], directory: Path) -> list[Capture]:
    """The written pictures with their times: both come in the same order."""
    files = sorted(directory.glob("*.jpg"))
    if not files:
        raise Damaged
    return [Capture(at, path) for at, path in zip(times, files, strict=True)]


def keep(found: list[Capture], most: int) -> list[Capture]:
    """The first and last and an even choice between, numbered anew; the others' files are removed."""
    step = max(1.0, (len(found) - 1) / max(1, most - 1))
    wanted = {round(place * step) for place in range(min(most, len(found)))}
    kept: list[Capture] = []
    for place, capture in enumerate(found):
        if place not in wanted:
            capture.path.unlink()
            continue
        path = capture.path.with_name(f"{len(kept) + 1:06d}.jpg")
        kept.append(Capture(round(capture.seconds, 3), capture.path.rename(path)))
    return kept
