"""Where a video's objects lie: `<organization>/<user>/<video>/source` and `…/derived/<job>-<lease>/…`.

Each try of a job writes under a prefix of its own, so that one that comes too late overwrites nothing.
"""

import re
from uuid import UUID

from libs.blobs import safe_key

OF_A_VIDEO = re.compile(r"[0-9a-f-]{36}/[0-9]+/[0-9]+/(derived/[0-9]+-[0-9]+/)?")


def video_prefix(organization_id: UUID, user_id: int, video_id: int) -> str:
    """The prefix of everything that belongs to a video."""
    return safe_key(organization_id, user_id, video_id) + "/"


def source_key(organization_id: UUID, user_id: int, video_id: int) -> str:
    """The uploaded file."""
    return video_prefix(organization_id, user_id, video_id) + "source"


def derived_prefix(source: str, job_id: int, lease: int) -> str:
    """What one try of a job makes of the file at the key `source`."""
    return f"{source.removesuffix('source')}derived/{safe_key(f'{job_id}-{lease}')}/"


def artifact_key(prefix: str, path: str) -> str:
    """A file that was made, by its path in the working folder; raises ValueError for a path that leaves it."""
    return prefix + safe_key(*path.split("/"))


def is_of_a_video(prefix: str) -> bool:
    """Whether removing all under this prefix touches one video alone."""
    return OF_A_VIDEO.fullmatch(prefix) is not None
