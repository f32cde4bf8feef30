"""Files that people upload, good and bad; each function writes one real file and answers its path."""

import struct
from pathlib import Path

from tools.sample_video import ffmpeg, make_sample

HOURS_3 = 3 * 3600
TINY = "testsrc2=s=128x72:r=25"


def film(path: Path, *inputs: str, seconds: float = 1, output: tuple[str, ...] = ()) -> Path:
    """A film of lavfi sources, the first one moving pictures."""
    sources = [word for source in (inputs or (TINY, "sine=f=440")) for word in ("-f", "lavfi", "-i", source)]
    ffmpeg(*sources, "-t", str(seconds), "-pix_fmt", "yuv420p", *output, str(path))
    return path


def whole(path: Path) -> Path:
    return film(path, seconds=3)


def empty(path: Path) -> Path:
    path.write_bytes(b"")
    return path


def text(path: Path) -> Path:
    path.write_text("Dear all,\nplease find the video attached.\n" * 50)
    return path


def noise(path: Path) -> Path:
    path.write_bytes(bytes((place * place * 31 + 7) % 251 for place in range(100_000)))
    return path


def mp4_of_noise(path: Path) -> Path:
    path.write_bytes(b"\x00\x00\x00\x18ftypisom\x00\x00\x02\x00isomiso2" + noise(path).read_bytes())
    return path


def picture(path: Path) -> Path:
    ffmpeg("-f", "lavfi", "-i", TINY, "-frames:v", "1", "-f", "image2", "-c:v", "png", "-update", "1", str(path))
    return path


def svg(path: Path) -> Path:
    drawn = '<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><rect width="9"/></svg>'
    path.write_text(drawn)
    return path


def hls_playlist(path: Path) -> Path:
    path.write_text("#EXTM3U\n#EXT-X-TARGETDURATION:4\n#EXTINF:4,\nfile:///etc/passwd\n#EXT-X-ENDLIST\n")
    return path


def concat_playlist(path: Path) -> Path:
    path.write_text(f"ffconcat version 1.0\nfile '{whole(path.with_name('inner.mp4'))}'\n")
    return path


def dash_manifest(path: Path) -> Path:
    path.write_text(
        '<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011"><BaseURL>file:///etc/</BaseURL></MPD>'
    )
    return path


def sound_only(path: Path) -> Path:
    ffmpeg("-f", "lavfi", "-i", "sine=f=440:d=1", "-f", "mp4", str(path))
    return path


def sound_with_cover(path: Path) -> Path:
    cover = picture(path.with_name("cover.png"))
    heard = ("-f", "lavfi", "-i", "sine=f=440:d=1", "-i", str(cover), "-map", "0", "-map", "1", "-c:v", "copy")
    ffmpeg(*heard, "-disposition:v:0", "attached_pic", "-f", "mp4", str(path))
    return path


def without_sound(path: Path) -> Path:
    return film(path, TINY, seconds=2)


def cut(path: Path, share: float) -> Path:
    """The first `share` of a file's bytes."""
    path.write_bytes(path.read_bytes()[: int(path.stat().st_size * share)])
    return path


def index_cut_off(path: Path) -> Path:
    return cut(film(path, seconds=10), 0.6)


def end_cut_off(path: Path) -> Path:
    return cut(film(path, seconds=10, output=("-movflags", "+faststart")), 0.6)


def matroska_cut_off(path: Path) -> Path:
    return cut(film(path, seconds=10, output=("-f", "matroska")), 0.6)


def three_hour_header(path: Path) -> Path:
    """One second, whose mvhd, tkhd and mdhd boxes say three hours."""
    data = bytearray(film(path, seconds=1).read_bytes())
    for box, scale_at, duration_at in ((b"mvhd", 12, 16), (b"mdhd", 12, 16), (b"tkhd", None, 20)):
        at = data.find(box) + 4
        while at >= 4:
            scale = 1000 if scale_at is None else int.from_bytes(data[at + scale_at : at + scale_at + 4])
            data[at + duration_at : at + duration_at + 4] = (HOURS_3 * scale).to_bytes(4)
            at = data.find(box, at) + 4
    path.write_bytes(data)
    return path


def three_hour_matroska(path: Path) -> Path:
    """One second, whose Duration element (ID 4489, an eight-byte float of milliseconds) says three hours."""
    data = film(path, seconds=1, output=("-f", "matroska")).read_bytes()
    at = data.index(b"\x44\x89\x88") + 3
    path.write_bytes(data[:at] + struct.pack(">d", HOURS_3 * 1000) + data[at + 8 :])
    return path


def pixel_flood(path: Path) -> Path:
    """One JPEG of 64x64 whose own header and whose container's say 65520x65520."""
    data = bytearray(flooding_jpeg(path).read_bytes())
    at = data.index(b"jpeg", data.index(b"stsd")) + 28
    data[at : at + 4] = b"\xff\xf0\xff\xf0"
    path.write_bytes(data)
    return path


def flooding_jpeg(path: Path) -> Path:
    """The same, but the container tells the size that it was."""
    data = bytearray(film(path, "testsrc2=s=64x64:r=25", output=("-c:v", "mjpeg", "-f", "mov")).read_bytes())
    at = data.find(b"\xff\xc0\x00\x11\x08")
    while at >= 0:
        data[at + 5 : at + 9] = b"\xff\xf0\xff\xf0"
        at = data.find(b"\xff\xc0\x00\x11\x08", at + 1)
    path.write_bytes(data)
    return path


def undecodable(path: Path) -> Path:
    """A whole index over bytes that are all zero."""
    data = bytearray(whole(path).read_bytes())
    at = data.index(b"mdat") + 4
    end = data.index(b"moov") - 4
    data[at:end] = bytes(end - at)
    path.write_bytes(data)
    return path


def foreign_codec(path: Path) -> Path:
    return film(path, TINY, output=("-c:v", "gif", "-pix_fmt", "rgb8", "-f", "matroska"))


def spoken_sample(path: Path) -> Path:
    """Six seconds, cuts at 2 and 4, a voice in the first two or three."""
    make_sample(path, seconds=6, scenes=3, speech="Three scenes, one voice.", width=320, height=180)
    return path
