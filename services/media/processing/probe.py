"""What a file really holds: its header is read, then doubted.

The header gives codecs and sizes; the length comes from walking every packet (no decoding, some 2 CPU seconds for
an hour of video), since a header may promise hours that the file does not have.
"""

from dataclasses import dataclass
from pathlib import Path

from services.media.processing.containers import container
from services.media.processing.errors import Damaged, TooLong, TooManyFrames, Truncated
from services.media.processing.ffmpeg import ffprobe
from services.media.processing.header import Header, Stream, pictures, ratio, read_header, seen, sound
from services.media.processing.limits import Limits
from services.media.processing.packets import Packets

PACKET_FIELDS = "packet=stream_index,pts_time,dts_time,duration_time"
SLACK_SECONDS, LEAST_SLACK, MOST_SLACK = 2.0, 0.02, 0.2
"""How much less than its header a whole file may hold (headers round, tracks end at different times): seconds, within
shares of the header's length."""


@dataclass(frozen=True, slots=True)
class Probe:
    """A video that can be processed."""

    duration_seconds: float
    """From the first to the end of the last packet that is there."""
    width: int
    height: int
    """Pixels as a viewer sees them: turned upright, with square pixels."""
    rotation: int
    """Degrees (0, 90, 180, 270) that the coded pictures are turned by; `width` and `height` are after it."""
    frame_rate: float
    container: str
    """mov (MP4 too), matroska (WebM too), mpegts, avi, flv or ogg."""
    video_codec: str
    audio_codec: str | None
    video_stream: int
    audio_stream: int | None
    """Positions in the file; what the other steps read."""

    @property
    def has_audio(self) -> bool:
        return self.audio_stream is not None


async def probe(source: Path, *, directory: Path, limits: Limits) -> Probe:
    """Read `source`; raises an Unusable that says what is wrong with it, or an Interrupted. Writes nothing."""
    kind = container(source)
    header = await read_header(source, kind, directory=directory, limits=limits)
    video, audio = pictures(header, limits), sound(header)
    width, height, rotation = seen(video, limits)
    packets = Packets(video["index"])
    show = ("-show_entries", PACKET_FIELDS, "-of", "csv=p=0")
    await ffprobe(source, kind, show, directory=directory, limits=limits, fold=packets.add)
    seconds = real_seconds(packets, header, limits)
    return Probe(
        duration_seconds=seconds,
        width=width,
        height=height,
        rotation=rotation,
        frame_rate=frame_rate(video, packets, seconds, limits),
        container=kind,
        video_codec=video["codec_name"],
        audio_codec=audio["codec_name"] if audio else None,
        video_stream=video["index"],
        audio_stream=audio["index"] if audio else None,
    )


def real_seconds(packets: Packets, header: Header, limits: Limits) -> float:
    """The length that is there; raises TooLong, Truncated, Damaged."""
    seconds = max(0.0, packets.end - header.start) if packets.pictures else 0.0
    if seconds > limits.seconds:
        raise TooLong(seconds, limits.seconds)
    declared = header.declared_seconds
    slack = max(declared * LEAST_SLACK, min(SLACK_SECONDS, declared * MOST_SLACK))
    if declared - max(seconds, packets.end) > slack:
        raise Truncated(seconds, declared)
    if not packets.pictures:
        raise Damaged(header.complaint)
    return round(seconds, 3)


def frame_rate(video: Stream, packets: Packets, seconds: float, limits: Limits) -> float:
    """Pictures a second, counted where the header's figure is no use; raises TooManyFrames."""
    counted = packets.pictures / seconds if seconds else 0.0
    if counted > limits.frame_rate:
        raise TooManyFrames(counted, limits.frame_rate)
    declared = ratio(video.get("avg_frame_rate", ""), "/")
    return round(declared if 0 < declared <= limits.frame_rate else counted, 3)
