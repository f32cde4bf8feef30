"""One picture that stands for a video: the most typical one of its first half minute, and no black one."""

from pathlib import Path

from services.media.processing.errors import Damaged
from services.media.processing.ffmpeg import ffmpeg, reading
from services.media.processing.limits import Limits
from services.media.processing.pictures import fit, scaled
from services.media.processing.probe import Probe

WINDOW_SECONDS = 30
EACH_SECOND = 4
"""Pictures compared: 120 from a window; the filter keeps them all in memory."""
WIDTH = 640
NOT_BLACK = "blackframe=amount=0:threshold=32,metadata=select:key=lavfi.blackframe.pblack:value=95:function=less"
"""Drops pictures of which 95 % or more is darker than 32 of 255."""


async def thumbnail(source: Path, found: Probe, *, target: Path, limits: Limits) -> None:
    """Write a JPEG, at most 640 wide, to `target`; raises Damaged when no picture can be decoded."""
    typical = f"thumbnail=n={WINDOW_SECONDS * EACH_SECOND}"
    window = ("-t", str(WINDOW_SECONDS))
    ways: tuple[tuple[tuple[str, ...], str], ...] = (
        (window, f"fps={EACH_SECOND}:round=up,{NOT_BLACK},{typical}"),
        (("-skip_frame", "nokey"), f"{NOT_BLACK},{typical}"),  # a long black beginning: the key frames of all of it
        ((), "null"),  # all black: any picture
    )
    size = scaled(fit(found.width, found.height, WIDTH, WIDTH))
    for before, chosen in ways:
        picture = ("-map", f"0:{found.video_stream}", "-vf", f"{size},{chosen},format=yuvj420p", "-frames:v", "1")
        output = ("-map_metadata", "-1", "-q:v", "4", "-f", "image2", "-update", "1", target.name)
        command = (*before, *reading(source, found.container, limits), *picture, *output)
        await ffmpeg(command, directory=target.parent, bounds=limits.bounds(found.duration_seconds))
        if written(target):
            return
    raise Damaged


def written(target: Path) -> bool:
    return target.exists()
