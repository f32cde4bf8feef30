"""Refusals about videos, in words for whoever calls or owns one."""

from libs.errors import Conflict, Forbidden, Invalid, NotFound, Violation


class VideoNotFound(NotFound):
    def __init__(self, video_id: int) -> None:
        super().__init__("There is no such video.", video_id=video_id)


class OrganizationMissing(Forbidden):
    def __init__(self) -> None:
        super().__init__("This credential acts for no organization, and videos belong to one.")


class NotTheOwner(Forbidden):
    def __init__(self) -> None:
        super().__init__("Only its owner may change a video.")


class FileMissing(Conflict):
    def __init__(self) -> None:
        super().__init__("The file is not there yet: PUT it to the upload URL first.")


class SizeMismatch(Invalid):
    """The video stays `uploading`, so that the file may be PUT again."""

    def __init__(self, announced: int, found: int) -> None:
        message = f"The file has {found} bytes, and {announced} were announced: PUT it to the upload URL again."
        super().__init__(message, (Violation("size", message, "size_mismatch"),), announced=announced, found=found)


class NotReady(Conflict):
    def __init__(self, status: str) -> None:
        super().__init__(f"This video cannot be watched: it is {status}.", status=status)


class TextRefused(Invalid):
    def __init__(self, field: str) -> None:
        message = "This must be text that is not blank and holds no NUL."
        super().__init__(message, (Violation(field, message, "invalid"),))


class VisibilityUnknown(Invalid):
    def __init__(self) -> None:
        message = "This must be private, organization or public."
        super().__init__(message, (Violation("visibility", message, "invalid"),))


class SourceGone(Invalid):
    def __init__(self) -> None:
        super().__init__("The uploaded file is no longer there. Upload it again as a new video.")


class SourceReplaced(Invalid):
    def __init__(self) -> None:
        super().__init__("The file was replaced after its upload was completed. Upload it again as a new video.")
