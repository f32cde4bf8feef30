"""The times of a file's packets, folded line by line so that twelve hours take no more memory than one second."""

LONGEST_PACKET = 60.0
"""Seconds that one packet counts for at most: a still picture may stand for long, a lie for hours."""


class Packets:
    """How many pictures there are, and when the last packet of any stream ends (seconds)."""

    def __init__(self, video_stream: int) -> None:
        self.pictures = 0
        self.end = 0.0
        self._video_stream = b"%d" % video_stream

    def add(self, line: bytes) -> None:
        """Take `stream,pts,dts,duration` as ffprobe writes it; N/A stands for an unknown time."""
        stream, *times = line.split(b",")[:4]
        if len(times) < 3:
            return
        if stream == self._video_stream:
            self.pictures += 1
        at = times[1] if times[0] == b"N/A" else times[0]
        if at != b"N/A":
            self._reach(float(at), 0.0 if times[2] == b"N/A" else float(times[2]))

    def _reach(self, at: float, lasts: float) -> None:
        self.end = max(self.end, at + min(lasts, LONGEST_PACKET))
