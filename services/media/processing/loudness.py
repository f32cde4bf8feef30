"""How loud a video is, segment by segment, after EBU R 128 / ITU-R BS.1770-4.

ffmpeg's ebur128 filter gives the loudness of the last 400 ms every 100 ms; a segment's integrated loudness is
computed here from the blocks that lie wholly in it, with the standard's two gates.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from services.media.processing.ffmpeg import ffmpeg, reading
from services.media.processing.limits import Limits
from services.media.processing.probe import Probe

FLOOR = -70.0
"""LUFS and dBFS: the standard's absolute gate; what is quieter is reported as this, since JSON has no -inf."""
SILENCE = -60.0
"""LUFS: a segment whose loudest 400 ms stays below is silent."""
RELATIVE_GATE = 10.0
"""LU below the mean of what passes the absolute gate."""
BLOCK_SECONDS = 0.4
STEP_SECONDS = 0.1
SHORTEST_TAIL = 1.0
"""Seconds; a shorter last segment is part of the one before."""
OFFSET = 0.691
"""dB between BS.1770's mean square and its LUFS."""
FILTERS = (
    "ebur128=metadata=1",
    "astats=metadata=1:reset=1:measure_perchannel=none:measure_overall=Peak_level",
    "ametadata=print:file=-",
)

Features = dict[str, float | bool]


@dataclass(slots=True)
class Segment:
    """What was measured between two times; LUFS of each block that ends here, and the highest sample's dBFS."""

    whole: list[float] = field(default_factory=list)
    partial: list[float] = field(default_factory=list)
    peak: float = FLOOR


@dataclass(slots=True)
class Meter:
    """Folds the filters' output, nine lines each 100 ms, into segments."""

    seconds: float
    most: int
    segments: list[Segment] = field(default_factory=list)
    _at: float = 0.0

    @property
    def end(self) -> float:
        """Seconds until which there was sound, silent or not."""
        return self._at + STEP_SECONDS

    def add(self, line: bytes) -> None:
        """Take one line: a frame's time, or one measured value of it."""
        if line.startswith(b"frame:"):
            self._at = max(0.0, float(line.rpartition(b"pts_time:")[2]))
        elif line.startswith(b"lavfi.r128.M="):
            self._block(level(line))
        elif line.startswith(b"lavfi.astats.Overall.Peak_level="):
            segment = self._segment()
            segment.peak = max(segment.peak, level(line))

    def _block(self, loudness: float) -> None:
        into = self._at % self.seconds + STEP_SECONDS
        segment = self._segment()
        (segment.whole if into >= BLOCK_SECONDS - STEP_SECONDS / 2 else segment.partial).append(loudness)

    def _segment(self) -> Segment:
        index = min(self.most - 1, int(self._at / self.seconds))
        while len(self.segments) <= index:
            self.segments.append(Segment())
        return self.segments[index]


async def loudness(source: Path, found: Probe, *, directory: Path, limits: Limits) -> list[Features]:
    """Features of each segment in order, of equal length but the last; [] for a video without sound. Writes nothing.

    Seconds: start, end. LUFS: integratedLufs, momentaryMaxLufs. dBFS (highest sample): peakDbfs. All are finite, at
    least -70, rounded to 0.01. silence: no 400 ms reach -60 LUFS.
    """
    if found.audio_stream is None:
        return []
    meter = Meter(limits.audio_segment_seconds, math.ceil(limits.seconds / limits.audio_segment_seconds))
    heard = ("-vn", "-map", f"0:{found.audio_stream}", "-af", ",".join(FILTERS), "-f", "null", "-")
    command = (*reading(source, found.container, limits), *heard)
    await ffmpeg(command, directory=directory, bounds=limits.bounds(found.duration_seconds), fold=meter.add)
    return features(meter.segments, limits.audio_segment_seconds, min(meter.end, found.duration_seconds))


def features(segments: list[Segment], seconds: float, end: float) -> list[Features]:
    """Each segment's features; a short tail is joined to the segment before it."""
    if len(segments) > 1 and end - (len(segments) - 1) * seconds < SHORTEST_TAIL:
        tail = segments.pop()
        segments[-1].whole += tail.whole
        segments[-1].peak = max(segments[-1].peak, tail.peak)
    last = len(segments) - 1
    ends = [end if index == last else (index + 1) * seconds for index in range(len(segments))]
    return [described(segment, index * seconds, ends[index]) for index, segment in enumerate(segments)]


def described(segment: Segment, start: float, end: float) -> Features:
    blocks = segment.whole or segment.partial or [FLOOR]
    return {
        "start": round(start, 3),
        "end": round(end, 3),
        "integratedLufs": round(integrated(blocks), 2),
        "momentaryMaxLufs": round(max(blocks), 2),
        "peakDbfs": round(segment.peak, 2),
        "silence": max(blocks) < SILENCE,
    }


def integrated(blocks: Sequence[float]) -> float:
    """The gated loudness of 400 ms blocks (BS.1770-4, part 2.8), in LUFS."""
    loud = [block for block in blocks if block > FLOOR]
    if not loud:
        return FLOOR
    gate = mean(loud) - RELATIVE_GATE
    return mean([block for block in loud if block > gate])


def mean(blocks: Sequence[float]) -> float:
    """The mean of loudnesses, taken over their energies."""
    energy = math.fsum(10 ** ((block + OFFSET) / 10) for block in blocks) / len(blocks)
    return 10 * math.log10(energy) - OFFSET


def level(line: bytes) -> float:
    """The number after `=`, at least the floor; ffmpeg writes nan and -inf for digital silence."""
    value = float(line.rpartition(b"=")[2])
    return value if math.isfinite(value) and value > FLOOR else FLOOR
