"""HLS (RFC 8216): H.264 and AAC in fMP4 segments of 4 s, and the playlists.

Files, all in one directory: master.m3u8, and for each rung of the ladder `<rung>p.m3u8`, `<rung>p_init.mp4` and
`<rung>p_00000.m4s` …; playlists name them without a path.
"""

import re
from collections.abc import Callable
from pathlib import Path

from services.media.processing.ffmpeg import ffmpeg, reading
from services.media.processing.limits import Limits
from services.media.processing.pictures import fit, scaled
from services.media.processing.probe import Probe

MASTER = "master.m3u8"
LADDER = {720: 2800, 480: 1400, 360: 800}
"""Pixels of the shorter side, and kbit/s at most."""
SEGMENT_SECONDS = 4
WIDEST = 2
"""The longer side is at most this many times the rung's shorter one."""
MOST_FRAMES = 60
"""Pictures a second; more are thinned to this."""
ADDRESS = re.compile(r'(?m)^(?P<line>[^#\s].*)$|URI="(?P<attribute>[^"]*)"')


async def hls(
    source: Path, found: Probe, *, directory: Path, limits: Limits, heard: Callable[[float], None] = lambda _: None
) -> list[str]:
    """Write the renditions to `directory` and answer the media playlists' names, best first.

    At most `limits.renditions` rungs, none larger than the source (one as large as it, where it is smaller than all
    rungs). `heard` is told the share that is done, 0 to 1. Raises Damaged.
    """
    rungs = chosen(found, limits.renditions)

    def tell(line: bytes) -> None:
        name, _, value = line.partition(b"=")
        if name == b"out_time_us" and value.strip().isdigit() and found.duration_seconds:
            heard(min(1.0, int(value) / 1e6 / found.duration_seconds))

    command = (*reading(source, found.container, limits), *encoding(found, rungs, limits), *packaging(found, rungs))
    await ffmpeg(command, directory=directory, bounds=limits.bounds(found.duration_seconds), fold=tell)
    return [f"{rung}p.m3u8" for rung in rungs]


def signed(playlist: str, sign: Callable[[str], str]) -> str:
    """`playlist` with each file's name (segments, the init segment, other playlists) replaced by `sign(name)`."""

    def replace(match: re.Match[str]) -> str:
        if match["line"] is not None:
            return sign(match["line"])
        return f'URI="{sign(match["attribute"])}"'

    return ADDRESS.sub(replace, playlist)


def chosen(found: Probe, most: int) -> list[int]:
    """The rungs for a source, best first."""
    short = min(found.width, found.height)
    rungs = [rung for rung in LADDER if rung <= short]
    return (rungs or [short])[:most]


def encoding(found: Probe, rungs: list[int], limits: Limits) -> list[str]:
    """Decoded once, then scaled and encoded for each rung; key frames at the same times in all."""
    named = [f"[v{rung}]" for rung in rungs]
    thinned = f"fps={MOST_FRAMES}," if found.frame_rate > MOST_FRAMES else ""
    branches = [f"[0:{found.video_stream}]{thinned}split={len(rungs)}" + "".join(f"[s{rung}]" for rung in rungs)]
    branches += [f"[s{rung}]{resized(found, rung)},format=yuv420p[v{rung}]" for rung in rungs]
    arguments = ["-filter_complex_threads", str(limits.threads), "-filter_complex", ";".join(branches)]
    for place, (rung, name) in enumerate(zip(rungs, named, strict=True)):
        most = LADDER.get(rung, LADDER[360])
        arguments += ["-map", name, f"-maxrate:v:{place}", f"{most}k", f"-bufsize:v:{place}", f"{2 * most}k"]
        arguments += ["-map", f"0:{found.audio_stream}"] if found.has_audio else []
    return [
        *arguments,
        *("-c:v", "libx264", "-preset", "veryfast", "-crf", "23", "-threads", str(limits.threads)),
        *("-fps_mode", "vfr", "-sc_threshold", "0", "-force_key_frames", f"expr:gte(t,n_forced*{SEGMENT_SECONDS})"),
        *("-c:a", "aac", "-b:a", "128k", "-ac", "2", "-ar", "48000"),
        *("-sn", "-dn", "-map_metadata", "-1", "-map_chapters", "-1"),
    ]


def resized(found: Probe, rung: int) -> str:
    return scaled(fit(found.width, found.height, rung, rung * WIDEST))


def packaging(found: Probe, rungs: list[int]) -> list[str]:
    sound = [f",a:{place}" if found.has_audio else "" for place in range(len(rungs))]
    prefix = "%v" if len(rungs) > 1 else f"{rungs[0]}p"  # ffmpeg leaves %v as it is in a lone init segment's name
    streams = (f"v:{place}{sound[place]},name:{rung}p" for place, rung in enumerate(rungs))
    return [
        *("-f", "hls", "-hls_time", str(SEGMENT_SECONDS), "-hls_playlist_type", "vod", "-hls_list_size", "0"),
        *(
            "-hls_segment_type",
            "fmp4",
            "-hls_flags",
            "independent_segments",
            "-hls_fmp4_init_filename",
            f"{prefix}_init.mp4",
        ),
        *("-hls_segment_filename", "%v_%05d.m4s", "-master_pl_name", MASTER, "-var_stream_map", " ".join(streams)),
        *("-progress", "pipe:1", "%v.m3u8"),
    ]
