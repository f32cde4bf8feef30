"""What a file says of itself, as far as it can be believed."""

import json
import math
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from services.media.processing.errors import (
    Damaged,
    IndexMissing,
    NoPicture,
    NotVideo,
    TooManyPixels,
    UnknownCodec,
    Unusable,
)
from services.media.processing.ffmpeg import AUDIO_CODECS, VIDEO_CODECS, ffprobe
from services.media.processing.limits import Limits

MOST_BYTES = 1 << 20
"""More than a thousand streams, the most ffmpeg reads, can fill with the fields asked for."""
FIELDS = (
    "format=start_time,duration:"
    "stream=index,codec_type,codec_name,width,height,sample_aspect_ratio,avg_frame_rate,duration,sample_rate,channels:"
    "stream_disposition=attached_pic:stream_side_data=rotation"
)
REFUSED_CODEC = re.compile(r"Codec \((\w+)\) not on whitelist")
REFUSED_SIZE = re.compile(r"Picture size (\d+)x(\d+) (?:is invalid|exceeds)")
WIDEST_PIXEL = 8
"""A pixel that claims to be wider or higher than this is taken to be square."""

Stream = dict[str, Any]
"""One stream's fields, as ffprobe names them."""


@dataclass(frozen=True, slots=True)
class Header:
    """The file's own account, and what ffprobe complained of while it read it."""

    streams: list[Stream]
    start: float
    declared_seconds: float
    """The longest of what the file and its streams say; 0 where nothing is said."""
    complaint: str


async def read_header(source: Path, container: str, *, directory: Path, limits: Limits) -> Header:
    """Raises UnknownCodec, IndexMissing or NotVideo where there is no header."""
    text = bytearray()

    def keep(line: bytes) -> None:
        text.extend(line if len(text) < MOST_BYTES else b"")

    show = ("-show_entries", FIELDS, "-of", "json")
    complaint = await ffprobe(source, container, show, directory=directory, limits=limits, fold=keep)
    found = parsed(text)
    if not found.get("streams"):
        raise unreadable(complaint)
    parts = [found.get("format", {}), *found["streams"]]
    declared = max(number(part.get("duration")) for part in parts)
    return Header(found["streams"], number(parts[0].get("start_time")), declared, complaint)


def parsed(text: bytes | bytearray) -> dict[str, Any]:
    """ffprobe stops in the middle of its JSON when it gives up."""
    try:
        found: dict[str, Any] = json.loads(text)
    except ValueError:
        return {}
    return found


def unreadable(complaint: str) -> Unusable:
    """Why ffprobe could not read a header."""
    if refused := REFUSED_CODEC.search(complaint):
        return UnknownCodec(refused[1])
    return IndexMissing(complaint) if "moov atom not found" in complaint else NotVideo(complaint)


def pictures(header: Header, limits: Limits) -> Stream:
    """The first stream of moving pictures (a cover of an album is none) with a size; raises an Unusable."""
    streams = (stream for stream in header.streams if stream.get("codec_type") == "video")
    video = next((stream for stream in streams if not stream.get("disposition", {}).get("attached_pic")), None)
    if video is None:
        raise NoPicture
    if (codec := video.get("codec_name", "an unknown kind")) not in VIDEO_CODECS:
        raise UnknownCodec(codec)
    if video.get("width") and video.get("height"):
        return video
    if refused := REFUSED_SIZE.search(header.complaint):
        raise TooManyPixels(int(refused[1]), int(refused[2]), limits.side)
    raise Damaged(header.complaint)


def sound(header: Header) -> Stream | None:
    """The first stream of sound that can be decoded."""
    streams = (stream for stream in header.streams if stream.get("codec_name") in AUDIO_CODECS)
    return next((stream for stream in streams if stream.get("channels") and number(stream.get("sample_rate"))), None)


def seen(video: Stream, limits: Limits) -> tuple[int, int, int]:
    """Width and height as a viewer sees them, and the rotation that is in them; raises TooManyPixels."""
    width, height = int(video["width"]), int(video["height"])
    if max(width, height) > limits.side or width * height > limits.pixels:
        raise TooManyPixels(width, height, limits.side)
    width = min(limits.side, max(1, round(width * pixel_shape(video))))
    turned = next((side["rotation"] for side in video.get("side_data_list", ()) if "rotation" in side), 0)
    rotation = round(turned / 90) * 90 % 360
    return (height, width, rotation) if rotation in {90, 270} else (width, height, rotation)


def pixel_shape(video: Stream) -> float:
    """A pixel's width over its height."""
    shape = ratio(video.get("sample_aspect_ratio", ""), ":")
    return shape if 1 / WIDEST_PIXEL <= shape <= WIDEST_PIXEL else 1


def number(text: Any) -> float:
    """A finite number, else 0."""
    try:
        value = float(text)
    except (TypeError, ValueError):
        return 0.0
    return value if math.isfinite(value) else 0.0


def ratio(text: str, separator: str) -> float:
    above, _, below = text.partition(separator)
    return number(above) / number(below) if number(below) else 0.0
