"""The way back: into an empty database and empty buckets, or over what is there where that is asked for.

It goes on where it was killed: what it has begun and what it has done is written in the database itself.
"""

from admin.backup.restoring.restoration import Restoration as Restoration
from admin.backup.restoring.restoration import Wish as Wish
