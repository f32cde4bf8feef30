"""Why a video was not processed, in words for its owner.

`Unusable` is the file's own fault and final: the same bytes fail again. `Interrupted` is ours and may pass: try again.
Both carry `reason` (TRUNCATED, NOT_A_VIDEO, …). What ffmpeg said stands in `complaint`, for logs only: it is not for
the owner, and parts of it may be the file's own text.
"""

from libs.errors import Invalid, Unavailable


class Unusable(Invalid):
    """The file cannot become a video here, now or later."""

    def __init__(self, message: str, complaint: str = "", **details: object) -> None:
        super().__init__(message, (), **details)
        self.complaint = complaint


class Empty(Unusable):
    def __init__(self) -> None:
        super().__init__("The file is empty (0 bytes). Upload it again.")


class NotVideo(Unusable):
    def __init__(self, complaint: str = "") -> None:
        super().__init__("This file is not a video we can read (MP4, MOV, MKV, WebM, TS, AVI, FLV or Ogg).", complaint)


class NoPicture(Unusable):
    def __init__(self) -> None:
        super().__init__("This file has no moving picture, only sound or data.")


class Truncated(Unusable):
    def __init__(self, seconds: float, declared: float) -> None:
        message = f"The file ends before its header says: {seconds:.0f} s of {declared:.0f} s. Upload it again."
        super().__init__(message, seconds=seconds, declared_seconds=declared)


class IndexMissing(Unusable):
    def __init__(self, complaint: str = "") -> None:
        super().__init__("The file has no index: it was not written, or not uploaded, to its end.", complaint)


class Damaged(Unusable):
    def __init__(self, complaint: str = "") -> None:
        super().__init__("The pictures or the sound in this file are damaged and cannot be decoded.", complaint)


class TooManyPixels(Unusable):
    def __init__(self, width: int, height: int, side: int) -> None:
        message = f"The picture is too large: {width}x{height} pixels; at most {side}x{side} can be processed."
        super().__init__(message, width=width, height=height)


class TooLong(Unusable):
    def __init__(self, seconds: float, most: float) -> None:
        message = f"The video is too long: {seconds / 3600:.1f} hours; at most {most / 3600:g} can be processed."
        super().__init__(message, seconds=seconds)


class TooManyFrames(Unusable):
    def __init__(self, frame_rate: float, most: float) -> None:
        message = f"The video has too many pictures a second: {frame_rate:.0f}; at most {most:g} can be processed."
        super().__init__(message, frame_rate=frame_rate)


class TooDemanding(Unusable):
    def __init__(self, complaint: str = "") -> None:
        super().__init__("Processing this video needs more computing time than a video may use.", complaint)


class TooMuchMemory(Unusable):
    def __init__(self, complaint: str = "") -> None:
        super().__init__("Processing this video needs more memory than a video may use.", complaint)


class TooMuchOutput(Unusable):
    def __init__(self, complaint: str = "") -> None:
        super().__init__("Processing this video makes more data than a video may fill.", complaint)


class Interrupted(Unavailable):
    """Processing stopped for a cause that is not the file's; trying again may work."""

    def __init__(self, message: str, complaint: str = "") -> None:
        super().__init__(message)
        self.complaint = complaint


class TookTooLong(Interrupted):
    def __init__(self, complaint: str = "") -> None:
        super().__init__("Processing this video took too long.", complaint)


class DiskFull(Interrupted):
    def __init__(self, complaint: str = "") -> None:
        super().__init__("There was no room left to process this video.", complaint)


class SourceUnreadable(Interrupted):
    """The tool has no capabilities: the source and its folder must be readable by this process's own user id."""

    def __init__(self, complaint: str = "") -> None:
        super().__init__("The uploaded file could not be opened.", complaint)


class Killed(Interrupted):
    def __init__(self, complaint: str = "") -> None:
        super().__init__("Processing this video was stopped by the machine.", complaint)


class ToolMissing(Interrupted):
    def __init__(self, tool: str) -> None:
        super().__init__("Videos cannot be processed right now.", f"{tool} is not installed: apt-get install {tool}")


class UnknownCodec(Unusable):
    def __init__(self, codec: str) -> None:
        super().__init__(f"This file holds a stream coded as {codec}, which we do not read.", codec=codec)
