"""Why there is no backup, or no way back from one."""

from admin.errors import Failed


class NoSuchBackup(Failed):
    """There is no complete backup of this name; one that has no manifest is none."""


class BackupImpossible(Failed):
    """What it needs is not there: rights, a setting, a quiet fleet."""


class BackupBroken(Failed):
    """What was kept is not what was written."""


class CopyFailed(Failed):
    """A program or a store ended in the middle; nothing is to be seen of what it wrote."""


class StoreAway(Failed):
    """A store does not answer."""
