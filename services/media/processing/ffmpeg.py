"""ffmpeg and ffprobe, with an input that can be one file in one known container with known codecs, and nothing else.

The container is forced, so that no playlist or image sequence is ever followed; the codecs are those of videos, so
that none of ffmpeg's some 500 others (SVG, fonts, games) meets a stranger's bytes.
"""

from collections.abc import Sequence
from pathlib import Path

from services.media.processing.errors import Damaged
from services.media.processing.limits import Bounds, Limits
from services.media.processing.lines import Fold, ignore
from services.media.processing.sandbox import run


def words(text: str) -> frozenset[str]:
    return frozenset(text.split())


VIDEO_CODECS = words(
    "av1 cfhd cinepak dnxhd dvvideo ffv1 ffvhuff flashsv flashsv2 flv1 h263 h263i h263p h264 hevc huffyuv mjpeg "
    "mpeg1video mpeg2video mpeg4 msmpeg4v1 msmpeg4v2 msmpeg4v3 msvideo1 png prores qtrle rawvideo svq1 svq3 theora "
    "utvideo v210 vc1 vp3 vp6 vp6a vp6f vp8 vp9 wmv1 wmv2 wmv3"
)
AUDIO_CODECS = words(
    "aac aac_latm ac3 adpcm_ima_qt adpcm_ima_wav adpcm_ms adpcm_swf alac amr_nb amr_wb dts eac3 flac mp1 mp2 mp3 "
    "nellymoser opus pcm_alaw pcm_bluray pcm_f32be pcm_f32le pcm_mulaw pcm_s16be pcm_s16le pcm_s24be pcm_s24le "
    "pcm_s32be pcm_s32le pcm_s8 pcm_u8 speex vorbis wmav1 wmav2 wmapro"
)
SUBTITLE_CODECS = words("ass cc_dec dvbsub dvdsub mov_text pgssub srt ssa subrip text webvtt")
"""Never decoded, but ffprobe gives up on a file when it may not open one of its streams."""
DECODERS = words("amrnb amrwb dca flv libdav1d libspeex mp1float mp2float mp3float msmpeg4")
"""Decoders that are not named as their codec is."""
ALLOWED = ",".join(sorted(VIDEO_CODECS | AUDIO_CODECS | SUBTITLE_CODECS | DECODERS))


def reading(source: Path, container: str, limits: Limits) -> list[str]:
    """The input arguments for `source`, of either tool."""
    return [
        *("-f", container, "-format_whitelist", container),
        *("-protocol_whitelist", "file", "-codec_whitelist", ALLOWED),
        *("-max_pixels", str(limits.pixels), "-threads", str(limits.threads)),
        *("-i", f"file:{source.absolute()}"),
    ]


async def ffmpeg(arguments: Sequence[str], *, directory: Path, bounds: Bounds, fold: Fold = ignore) -> None:
    """Run ffmpeg in `directory`; raises Damaged when it fails, and what `sandbox.run` raises."""
    quiet = ("-hide_banner", "-nostdin", "-nostats", "-loglevel", "error", "-y")
    outcome = await run(("ffmpeg", *quiet, *arguments), directory=directory, bounds=bounds, fold=fold)
    if outcome.code:
        raise Damaged(outcome.complaint)


async def ffprobe(
    source: Path, container: str, show: Sequence[str], *, directory: Path, limits: Limits, fold: Fold
) -> str:
    """Hand each line of what ffprobe shows of `source` to `fold`; answers what it complained of."""
    command = ("ffprobe", "-hide_banner", "-loglevel", "error", *show, *reading(source, container, limits))
    outcome = await run(command, directory=directory, bounds=limits.bounds(), fold=fold)
    return outcome.complaint
