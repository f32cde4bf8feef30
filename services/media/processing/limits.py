"""What one video may cost. One frozen object, passed from step to step."""

from dataclasses import dataclass

MEBIBYTE = 1 << 20
GIBIBYTE = 1 << 30


@dataclass(frozen=True, slots=True)
class Bounds:
    """What one subprocess may use; each is enforced, not hoped for."""

    cpu_seconds: int
    wall_seconds: float
    memory_bytes: int  # address space, of which about 0.4 GiB is ffmpeg's own libraries
    output_bytes: int  # all files of the working directory together, and each alone


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of a whole video and the sizes of what is made from it."""

    cpu_seconds: float = 60
    cpu_per_second: float = 8
    """CPU seconds of one step: `cpu_seconds`, and for each second of video `cpu_per_second` more."""
    wall_seconds: float = 300
    wall_per_second: float = 16
    """Wall seconds of one step, in the same way; wide, because the machine may be busy with other work."""
    memory_bytes: int = 3 * GIBIBYTE
    output_bytes: int = 16 * GIBIBYTE

    seconds: float = 12 * 3600
    side: int = 8192
    pixels: int = 67_108_864  # 8192 x 8192
    frame_rate: float = 1000

    captures: int = 200
    audio_segment_seconds: float = 5.0
    renditions: int = 1
    """Rungs of the HLS ladder at most; each costs an encoding."""
    threads: int = 2

    def bounds(self, video_seconds: float = 0) -> Bounds:
        """For one step over `video_seconds` of video; 0 while the length is unknown."""
        return Bounds(
            cpu_seconds=max(1, round(self.cpu_seconds + self.cpu_per_second * video_seconds)),
            wall_seconds=self.wall_seconds + self.wall_per_second * video_seconds,
            memory_bytes=self.memory_bytes,
            output_bytes=self.output_bytes,
        )
