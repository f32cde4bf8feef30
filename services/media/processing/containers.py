"""Which of the six containers a file is, by its own first bytes and never by its name.

ffmpeg guesses among some 350 formats, and some of them open other files: playlists (HLS, DASH, concat), image
sequences, subtitles, SDP. It is never left to guess: what is not one of these six is refused before it runs.
"""

from pathlib import Path

from services.media.processing.errors import Empty, NotVideo

HEAD_BYTES = 1024
BOXES = (b"ftyp", b"moov", b"mdat", b"free", b"skip", b"wide", b"pnot")
PICTURES = (b"avif", b"avis", b"heic", b"heix", b"heim", b"heis", b"hevc", b"mif1", b"msf1")
"""Brands of still pictures in an MP4 box."""
PACKETS = (188, 192, 204)
"""Bytes of a transport stream's packet: plain, with a time stamp (M2TS), with a checksum."""


def container(source: Path) -> str:
    """mov, matroska, mpegts, avi, flv or ogg (ffmpeg's names); raises Empty, NotVideo, OSError."""
    with source.open("rb") as file:
        head = file.read(HEAD_BYTES)
    if not head:
        raise Empty
    for name, matches in CONTAINERS.items():
        if matches(head):
            return name
    raise NotVideo


def is_mov(head: bytes) -> bool:
    return head[4:8] in BOXES and not (head[4:8] == b"ftyp" and head[8:12] in PICTURES)


def is_matroska(head: bytes) -> bool:
    return head.startswith(b"\x1aE\xdf\xa3") and (b"matroska" in head or b"webm" in head)


def is_avi(head: bytes) -> bool:
    return head.startswith(b"RIFF") and head[8:12] == b"AVI "


def is_flv(head: bytes) -> bool:
    return head.startswith(b"FLV\x01")


def is_ogg(head: bytes) -> bool:
    return head.startswith(b"OggS\x00")


def is_mpegts(head: bytes) -> bool:
    """Four packets in a row begin with the sync byte, from some offset within the first one."""
    return any(
        head[offset : offset + 3 * packet + 1 : packet] == b"GGGG" for packet in PACKETS for offset in range(packet)
    )


CONTAINERS = {
    "mov": is_mov,
    "matroska": is_matroska,
    "avi": is_avi,
    "flv": is_flv,
    "ogg": is_ogg,
    "mpegts": is_mpegts,
}
