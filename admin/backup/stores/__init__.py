"""Where backups lie: a folder or a bucket."""

from admin.backup.settings import BackupSettings
from admin.backup.stores.folder import FolderStore
from admin.backup.stores.s3 import S3Store
from admin.backup.stores.store import File as File
from admin.backup.stores.store import FileMissing as FileMissing
from admin.backup.stores.store import Store as Store

PREFIX = "orrery"
"""In a bucket where none is set: others may keep theirs beside it."""


def open_store(settings: BackupSettings) -> Store:
    """The store that the settings name; nothing is asked of it yet."""
    if settings.folder:
        return FolderStore(settings.folder / settings.prefix)
    return S3Store(settings.blobs(), settings.prefix or PREFIX)
