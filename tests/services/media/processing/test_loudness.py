"""Loudness is the standard's."""

import re
import subprocess
from pathlib import Path

import pytest

from services.media.processing import Limits
from services.media.processing.loudness import Features, Meter, Segment, features, integrated, level, loudness
from services.media.processing.probe import probe
from tests.services.media.processing.files import film

AMPLITUDE = 10 ** (-23 / 20)
TONE = f"aevalsrc='{AMPLITUDE}*sin(2*PI*1000*t)|{AMPLITUDE}*sin(2*PI*1000*t)':s=48000"


async def heard(source: Path, folder: Path, seconds: float) -> list[Features]:
    limits = Limits(audio_segment_seconds=seconds)
    return await loudness(source, await probe(source, directory=folder, limits=limits), directory=folder, limits=limits)


def ffmpegs_own(source: Path) -> float:
    command = ["ffmpeg", "-nostats", "-i", str(source), "-vn", "-af", "ebur128", "-f", "null", "-"]
    said = subprocess.run(command, check=True, capture_output=True, text=True).stderr
    summary = re.search(r"Summary:\s+Integrated loudness:\s+I:\s+(-?[\d.]+) LUFS", said)
    assert summary is not None
    return float(summary[1])


async def test_a_stereo_tone_of_minus_23_dbfs_is_minus_23_lufs(tmp_path: Path) -> None:
    """EBU Tech 3341, test signal 1."""
    source = film(tmp_path / "tone.mkv", "color=s=16x16:r=5", TONE, seconds=6, output=("-c:a", "pcm_s16le"))

    segments = await heard(source, tmp_path, 2)

    assert [one["integratedLufs"] for one in segments] == pytest.approx([-23] * 3, abs=0.1)
    assert [one["peakDbfs"] for one in segments] == pytest.approx([-23] * 3, abs=0.1)


async def test_one_segment_over_all_agrees_with_ffmpegs_own_integration(sample: Path, tmp_path: Path) -> None:
    ours = await heard(sample, tmp_path, 100)

    assert [one["integratedLufs"] for one in ours] == pytest.approx([ffmpegs_own(sample)], abs=0.15)


def test_a_short_tail_belongs_to_the_segment_before_it() -> None:
    segments = [Segment(whole=[-20.0], peak=-9.0), Segment(partial=[-50.0], peak=-3.0)]

    joined = features(segments, 5, 5.3)

    assert [(one["start"], one["end"], one["peakDbfs"]) for one in joined] == [(0, 5.3, -3)]


def test_quiet_blocks_do_not_pull_the_integrated_loudness_down() -> None:
    assert integrated([-20.0] * 10 + [-69.0] * 90) == pytest.approx(-20)
    assert integrated([-80.0, -70.0]) == -70


@pytest.mark.parametrize("written", [b"nan", b"-inf", b"-120.691", b"inf"])
def test_what_json_cannot_say_is_the_floor(written: bytes) -> None:
    assert level(b"lavfi.r128.M=" + written) == -70


def test_times_beyond_all_bounds_make_no_more_segments() -> None:
    meter = Meter(seconds=5, most=3)

    for line in (b"frame:0 pts:0 pts_time:1e15", b"lavfi.r128.M=-20.0"):
        meter.add(line)

    assert len(meter.segments) == 3
