"""What each process is told: the names that it reads, and no others.

An unknown ORRERY_ name stops a process at its start, so a name given too many is noticed at once.
"""

import os
from collections.abc import Callable
from dataclasses import dataclass

from tools.stack.keys import Keys
from tools.stack.layout import ROOT, Deployable, Layout
from tools.stack.ports import HOST
from tools.stack.stores import ARCHIVES, BUCKET, Stores

Variables = dict[str, str]
DRAIN_SECONDS = "20"


@dataclass(frozen=True)
class Surroundings:
    """All that the variables are made from."""

    layout: Layout
    stores: Stores
    keys: Keys

    def of(self, deployable: Deployable) -> Variables:
        """The whole environment of one process."""
        return {**inherited(), **self.own(deployable)}

    def own(self, deployable: Deployable) -> Variables:
        """Its ORRERY_ names."""
        made: Variables = {}
        for need in deployable.needs:
            made |= NEEDS[need](self, deployable)
        return made


def inherited() -> Variables:
    """This process's environment without what belongs to the stack or another deployable."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("ORRERY_", "STACK_", "MAKE"))}
    return {**kept, "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'gen'}", "PYTHONUNBUFFERED": "1"}


def unheard_settings() -> list[str]:
    """The ORRERY_ names of this process's environment: none is handed on."""
    return sorted(name for name in os.environ if name.startswith("ORRERY_"))


def process(told: Surroundings, one: Deployable) -> Variables:
    return {
        "ORRERY_PROCESS__OPERATIONS": f"{HOST}:{one.operations}",
        "ORRERY_PROCESS__DRAIN_SECONDS": DRAIN_SECONDS,
    }


def rpc(told: Surroundings, one: Deployable) -> Variables:
    return {
        "ORRERY_RPC__LISTEN": f"{HOST}:{one.port}",
        "ORRERY_RPC__IDENTITY_KEYS": f"{told.keys.identity_public},{told.keys.auth_identity_public}",
        "ORRERY_RPC__REFLECTION": "true",
    }


def database(told: Surroundings, one: Deployable) -> Variables:
    role = f"{one.schema}_app"
    return {"ORRERY_DATABASE__DSN": told.stores.dsn(role, told.keys.password(role))}


def kafka(told: Surroundings, one: Deployable) -> Variables:
    return {"ORRERY_KAFKA__BROKERS": told.stores.brokers}


def blobs(told: Surroundings, one: Deployable) -> Variables:
    return objects(told, BUCKET)


def archives(told: Surroundings, one: Deployable) -> Variables:
    return objects(told, ARCHIVES)


def sources(told: Surroundings, one: Deployable) -> Variables:
    """Who else keeps data of people, and the key to ask with."""
    asked = [other for other in told.layout.deployables if other.name in ("media", "audit")]
    return {
        "ORRERY_IDENTITY__KEY": str(told.keys.auth_identity),
        **{f"ORRERY_SERVICES__{name(other)}": f"{HOST}:{other.port}" for other in asked},
    }


def objects(told: Surroundings, bucket: str) -> Variables:
    stores = told.stores
    return {
        "ORRERY_BLOBS__ENDPOINT": stores.s3_url,
        "ORRERY_BLOBS__PUBLIC_ENDPOINT": stores.s3_url,
        "ORRERY_BLOBS__ACCESS_KEY": stores.s3_key.access_key,
        "ORRERY_BLOBS__SECRET_KEY": stores.s3_key.secret_key,
        "ORRERY_BLOBS__BUCKET": bucket,
    }


def tokens(told: Surroundings, one: Deployable) -> Variables:
    return {
        "ORRERY_KEYS__MASTER": str(told.keys.master),
        "ORRERY_TOKENS__ISSUER": public_url(told.layout),
        "ORRERY_TOKENS__AUDIENCE": "orrery",
        "ORRERY_PASSWORDS__REFUSE_COMMON": "false",  # the API's own examples stand on common ones
        "ORRERY_MAIL__MAILBOX": "true",
    }


def mails(told: Surroundings, one: Deployable) -> Variables:
    return {"ORRERY_MAIL__MAILBOX": "true", "ORRERY_MAIL__APP_URL": public_url(told.layout)}


def edge(told: Surroundings, one: Deployable) -> Variables:
    services = [other for other in told.layout.deployables if other.port and other.name != one.name]
    return {
        "ORRERY_LISTEN": f"{HOST}:{one.port}",
        "ORRERY_PUBLIC_URL": public_url(told.layout),
        "ORRERY_REDIS__URL": told.stores.redis_url,
        "ORRERY_IDENTITY__KEY": str(told.keys.identity),
        "ORRERY_SPOOL": str(told.layout.folder / "data" / "gateway-spool"),
        **{f"ORRERY_SERVICES__{name(other)}": f"{HOST}:{other.port}" for other in services},
    }


def name(one: Deployable) -> str:
    return one.name.upper().replace("-", "_")


def public_url(layout: Layout) -> str:
    """Where people reach the API."""
    return f"http://{HOST}:{layout.ports['gateway']}"


NEEDS: dict[str, Callable[[Surroundings, Deployable], Variables]] = {
    "process": process,
    "rpc": rpc,
    "database": database,
    "kafka": kafka,
    "blobs": blobs,
    "archives": archives,
    "sources": sources,
    "tokens": tokens,
    "mails": mails,
    "edge": edge,
}
