"""The environment of auth's processes and commands."""

import base64
from pathlib import Path

from libs.settings import DatabaseSettings
from tests.libs.keys import key_files
from tests.services.auth.house import MASTER


def environment_of_auth(settings: DatabaseSettings, folder: Path) -> dict[str, str]:
    """What auth cannot start without; nothing of it but the database is there."""
    master = folder / "master.key"
    master.write_bytes(base64.b64encode(MASTER))
    _, public = key_files(folder)
    return {
        "ORRERY_DATABASE__DSN": settings.dsn.get_secret_value(),
        "ORRERY_KAFKA__BROKERS": "127.0.0.1:1",
        "ORRERY_BLOBS__ENDPOINT": "http://127.0.0.1:1",
        "ORRERY_BLOBS__PUBLIC_ENDPOINT": "http://127.0.0.1:1",
        "ORRERY_BLOBS__ACCESS_KEY": "none",
        "ORRERY_BLOBS__SECRET_KEY": "none",
        "ORRERY_BLOBS__BUCKET": "none",
        "ORRERY_RPC__LISTEN": "127.0.0.1:0",
        "ORRERY_RPC__IDENTITY_KEYS": str(public),
        "ORRERY_KEYS__MASTER": str(master),
        "ORRERY_TOKENS__ISSUER": "https://orrery.test",
        "ORRERY_TOKENS__AUDIENCE": "orrery",
    }
