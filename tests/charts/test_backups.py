"""Backups, and the way back: what each pod holds, and that nothing is ever brought back by itself."""

from typing import Any

import pytest

from tests.charts.manifest import Manifest, environment, fleet
from tests.charts.test_secrets import of_volume
from tools.charts.programs import Refused

TO_A_VOLUME = ("backup.enabled=true", "backup.claim=backups")
KEEPER = (*TO_A_VOLUME, "backup.postgres.user=orrery_keeper")
PAUSED = (*TO_A_VOLUME, "global.paused=true")
ADMINISTRATOR = ("platform-postgres", "password")


def logins(manifest: Manifest, workload: str) -> set[tuple[str, str]]:
    """Each (Secret, key) in the folder of logins."""
    [volume] = [one for one in manifest.workload(workload).spec["volumes"] if one["name"] == "postgres"]
    return set(of_volume(volume))


def test_backups_hold_the_keepers_password_and_no_other_login() -> None:
    manifest = fleet(*KEEPER)

    assert logins(manifest, "orrery-backup") == {("orrery-postgres", "orrery_keeper")}
    [container] = manifest.workload("orrery-backup").containers
    assert environment(container)["ORRERY_POSTGRES__ADMIN_USER"] == "orrery_keeper"
    assert ADMINISTRATOR in logins(manifest, "orrery-admin")
    assert "orrery_keeper: password" in manifest.one("ConfigMap", "orrery-secrets")["data"]["secrets.yaml"]


def test_a_keepers_password_can_be_brought_along() -> None:
    manifest = fleet(*KEEPER, "backup.postgres.existingSecret=mine")

    assert logins(manifest, "orrery-backup") == {("mine", "password")}
    assert "orrery_keeper" not in manifest.one("ConfigMap", "orrery-secrets")["data"]["secrets.yaml"]


@pytest.mark.parametrize("own", [(), ("backup.postgres.existingSecret=mine",)], ids=["made", "brought"])
def test_migrating_makes_the_keeper_by_a_password_that_it_is_given(own: tuple[str, ...]) -> None:
    [migrate] = [one for one in fleet(*KEEPER, *own).workloads if one.name.startswith("orrery-migrate-")]

    [volume] = [one for one in migrate.spec["volumes"] if one["name"] == "postgres"]
    files = [item["path"] for source in volume["projected"]["sources"] for item in source["secret"].get("items", ())]
    assert environment(migrate.containers[0])["ORRERY_POSTGRES__KEEPER"] == "orrery_keeper"
    assert ("orrery_keeper" in files) is bool(own), "what is made lies in orrery-postgres, which is mounted whole"


def test_without_a_keeper_backups_read_as_the_administrator() -> None:
    manifest = fleet(*TO_A_VOLUME)

    assert ADMINISTRATOR in logins(manifest, "orrery-backup")
    assert "KEEPER" not in manifest.text


@pytest.mark.parametrize(
    ("sets", "why"),
    [
        (("backup.postgres.existingSecret=mine",), "backup.postgres.user, which is empty"),
        (("backup.postgres.user=postgres",), "not for the administrator"),
        (("backup.postgres.user=Keeper; DROP",), "user"),
        (("backup.postgres.usr=keeper",), "usr"),
        (("backup.restore.backup=yesterday",), "backup"),
        (("global.paused=soon",), "paused"),
    ],
)
def test_what_cannot_be_meant_is_refused_by_name(sets: tuple[str, ...], why: str) -> None:
    with pytest.raises(Refused, match=why):
        fleet(*TO_A_VOLUME, *sets)


def test_a_paused_fleet_runs_nothing_whatever_says_how_many() -> None:
    scaled = ("global.autoscaling.enabled=true", "global.keda=always", "gateway.replicas=3")
    manifest = fleet(*PAUSED, *scaled, "global.tracks.green.enabled=true", "global.canary.weight=20")

    replicas = {one["metadata"]["name"]: one["spec"]["replicas"] for one in manifest.of("Deployment")}
    assert replicas.pop("orrery-admin") == 1
    assert set(replicas.values()) == {0}
    assert manifest.of("HorizontalPodAutoscaler", "ScaledObject") == []
    assert cronjob(manifest, "backup")["suspend"] is True


def test_a_restore_is_there_only_while_paused_and_starts_by_hand_alone() -> None:
    manifest = fleet(*PAUSED)

    assert "orrery-restore" not in fleet(*TO_A_VOLUME).names("CronJob")
    assert not any("restore" in name for name in manifest.names("Job"))
    restore = cronjob(manifest, "restore")
    assert (restore["suspend"], restore["schedule"]) == (True, "0 0 31 2 *")
    assert restore["jobTemplate"]["spec"]["backoffLimit"] == 0
    assert cronjob(fleet(*TO_A_VOLUME), "backup")["suspend"] is False


def test_a_restore_makes_logins_brings_back_what_was_named_and_migrates() -> None:
    manifest = fleet(*PAUSED, "backup.restore.backup=20261121T021700Z", "backup.restore.extraArgs={--force-overwrite}")

    restore = manifest.workload("orrery-restore")
    assert [one["args"][1:] for one in restore.containers] == [
        ["migrate", "--logins"],
        ["backup", "restore", "20261121T021700Z", "--wait", "120", "--force-overwrite"],
        ["migrate"],
    ]
    assert ADMINISTRATOR in logins(manifest, "orrery-restore")
    assert {"orrery-backup", "orrery-restore"} <= manifest.names("NetworkPolicy")


def cronjob(manifest: Manifest, part: str) -> Any:
    return manifest.one("CronJob", f"orrery-{part}")["spec"]
