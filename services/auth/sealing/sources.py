"""Masters by the settings."""

from services.auth.sealing.master import MasterKey, MasterKeyUnusable
from services.auth.sealing.masters import LocalMaster, Master
from services.auth.sealing.settings import KeySettings, MasterSettings
from services.auth.sealing.vault_masters import KvMaster, TransitMaster

TRANSIT = "transit"


def masters(settings: KeySettings) -> list[Master]:
    """The master key, then the one that it replaces. Raises MasterKeyUnusable; a vault is asked later."""
    return [master(one) for one in (settings, settings.previous) if one]


def master(settings: MasterSettings) -> Master:
    if settings.vault:
        return TransitMaster(settings.vault) if settings.vault.engine == TRANSIT else KvMaster(settings.vault)
    if settings.master_text:
        return LocalMaster(MasterKey.decode(settings.master_text.get_secret_value().encode(), "KEYS__MASTER_TEXT"))
    if settings.master:
        return LocalMaster(MasterKey.read(settings.master))
    raise MasterKeyUnusable("no master key is set")
