"""What the operators' command line (`admin`) is told of a local stack: the same names as in a cluster."""

from urllib.parse import unquote, urlsplit

from tools.stack.environment import Surroundings, Variables, inherited
from tools.stack.stores import ARCHIVES, BUCKET


def environment(told: Surroundings) -> Variables:
    """The whole environment of a command."""
    return {**inherited(), **postgres(told), **others(told)}


def postgres(told: Surroundings) -> Variables:
    """The server without a user, and the folder of the passwords; the administrator's is put there as `admin`."""
    server = urlsplit(told.stores.admin_dsn)
    for schema in told.layout.schemas:
        for role in ("owner", "app"):
            told.keys.password(f"{schema}_{role}")
    admin = told.keys.folder / "admin"
    admin.touch(mode=0o600)
    admin.write_text(unquote(server.password or ""))
    return {
        "ORRERY_POSTGRES__URL": server._replace(netloc=server.netloc.rpartition("@")[2]).geturl(),
        "ORRERY_POSTGRES__ADMIN_USER": unquote(server.username or ""),
        "ORRERY_POSTGRES__PASSWORDS": str(told.keys.folder),
    }


def others(told: Surroundings) -> Variables:
    stores = told.stores
    return {
        "ORRERY_KAFKA__BROKERS": stores.brokers,
        "ORRERY_BLOBS__ENDPOINT": stores.s3_url,
        "ORRERY_BLOBS__ACCESS_KEY": stores.s3_key.access_key,
        "ORRERY_BLOBS__SECRET_KEY": stores.s3_key.secret_key,
        "ORRERY_BUCKETS": f"{BUCKET},{ARCHIVES}",
        "ORRERY_REDIS__URL": stores.redis_url,
        "ORRERY_KEYS__MASTER": str(told.keys.master),
        "ORRERY_BACKUP__FOLDER": str(told.layout.folder / "backups"),
    }
