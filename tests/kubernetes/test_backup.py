"""The backup's pod: it is let in where pods must be restricted, and says in one line why there is no backup."""

from collections.abc import Callable, Iterator
from functools import partial

import pytest

from tests.kubernetes.backups import Site, template
from tests.kubernetes.installation import Installation
from tests.kubernetes.kubectl import Object, eventually
from tests.kubernetes.test_bad_input import NAME, said, start, with_variable, without

AWAY = "http://platform-s3:1"


@pytest.fixture(autouse=True)
def nothing_left(installation: Installation) -> Iterator[None]:
    yield
    installation.namespace.delete("pod", NAME, force=True)


def on_a_full_volume(spec: Object) -> None:
    """To a volume, as `backup.claim` mounts it, that has room for next to nothing."""
    [container] = spec["containers"]
    rest = [one for one in container["env"] if not one["name"].startswith("ORRERY_BACKUP__")]
    container["env"] = [*rest, {"name": "ORRERY_BACKUP__FOLDER", "value": "/backups"}]
    container["volumeMounts"].append({"name": "backups", "mountPath": "/backups"})
    spec["volumes"].append({"name": "backups", "emptyDir": {"medium": "Memory", "sizeLimit": "4Ki"}})


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (
            partial(with_variable, "ORRERY_BACKUP__ENDPOINT", AWAY),
            r"^platform-s3:1/orrery-backups/orrery does not answer",
        ),
        (partial(with_variable, "ORRERY_BACKUP__BUCKET", "nowhere"), r"nowhere.*(is not there|refuses|no bucket)"),
        (
            partial(with_variable, "ORRERY_POSTGRES__ADMIN_USER", "nobody"),
            r"^PostgreSQL: .*password authentication failed",
        ),
        (on_a_full_volume, r"^/backups cannot be written: No space left on device\.$"),
    ],
    ids=["endpoint", "bucket", "login", "volume"],
)
def test_what_is_wrong_is_one_line(installation: Installation, change: Callable[[Object], None], why: str) -> None:
    start(installation.namespace, template(Site(installation), "backup"), change)

    said(installation.namespace, why)
    pod = eventually(lambda: ended(installation), "the pod ends")
    assert len(installation.namespace.log(NAME)) == 1
    assert pod["status"]["containerStatuses"][0]["state"]["terminated"]["exitCode"] == 1


@pytest.mark.parametrize("secret", ["platform-s3", "orrery-postgres"])
def test_a_missing_secret_is_named(installation: Installation, secret: str) -> None:
    start(installation.namespace, template(Site(installation), "backup"), partial(lacking, secret))

    said(installation.namespace, rf'secret "{secret}-missing" not found')


def lacking(secret: str, spec: Object) -> None:
    """As `without`, where it is mounted beside others too."""
    without(secret, spec)
    for volume in spec["volumes"]:
        for source in volume.get("projected", {}).get("sources", ()):
            if source["secret"]["name"] == secret:
                source["secret"]["name"] = f"{secret}-missing"


def ended(installation: Installation) -> Object | None:
    pod = installation.namespace.get("pod", NAME)
    return pod if pod["status"]["phase"] in ("Succeeded", "Failed") else None
