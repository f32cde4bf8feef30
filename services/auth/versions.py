"""Versions of single objects: whoever changes one may name the version that they have seen."""

from google.protobuf.message import Message

from libs.errors import Precondition


class VersionOutdated(Precondition):
    def __init__(self, version: int) -> None:
        super().__init__("This has changed meanwhile; read it again.", version=version)


def expected(request: Message) -> int | None:
    """The version that a request names; None where it names none."""
    return int(getattr(request, "expected_version")) if request.HasField("expected_version") else None  # noqa: B009  # of any request


def ensure_current(seen: int | None, version: int) -> None:
    """Raise VersionOutdated where somebody else was faster."""
    if seen is not None and seen != version:
        raise VersionOutdated(version)
