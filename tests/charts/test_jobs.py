"""Jobs cannot be changed: another pod is another Job, the same pod the same one."""

import re

import pytest

from tests.charts.manifest import Manifest, fleet

NAME = re.compile(r"orrery-(migrate-[a-z0-9.-]+|secrets)-[0-9a-f]{8}")


def jobs(manifest: Manifest) -> dict[str, str]:
    """Names by what the Job is."""
    return {one["metadata"]["labels"]["app.kubernetes.io/name"]: one["metadata"]["name"] for one in manifest.of("Job")}


def test_a_job_is_named_after_its_revision_and_its_pod() -> None:
    names = jobs(fleet())

    assert names.keys() == {"migrate", "secrets"}
    assert all(NAME.fullmatch(name) for name in names.values())
    assert names["migrate"].startswith("orrery-migrate-dev-")


@pytest.mark.parametrize(
    "setting",
    [
        "global.tracks.blue.tag=v2",
        "admin.resources.limits.memory=2Gi",
        "global.nodeSelector.disk=fast",
        "global.imagePullPolicy=Always",
    ],
)
def test_a_changed_pod_is_another_job(setting: str) -> None:
    before, after = jobs(fleet()), jobs(fleet(setting))

    assert before["migrate"] != after["migrate"]
    assert before["secrets"] != after["secrets"]


def test_more_secrets_are_another_job() -> None:
    assert jobs(fleet())["secrets"] != jobs(fleet("global.tls.days=30"))["secrets"]


@pytest.mark.parametrize("setting", ["gateway.replicas=5", "media.settings.CONCURRENCY=2", "global.canary.weight=5"])
def test_what_does_not_concern_a_job_leaves_it_as_it_is(setting: str) -> None:
    assert jobs(fleet()) == jobs(fleet(setting))


def test_each_track_has_its_own_migration() -> None:
    manifest = fleet("global.tracks.green.enabled=true", "global.tracks.green.tag=v2")

    names = [one["metadata"]["name"] for one in manifest.of("Job") if "-migrate-" in one["metadata"]["name"]]
    assert sorted(name.rpartition("-")[0] for name in names) == ["orrery-migrate-dev", "orrery-migrate-v2"]


def test_a_job_waits_for_what_is_not_there_yet() -> None:
    """A store that starts late, or a secret that is not made yet, must not end an installation."""
    for job in fleet().of("Job"):
        assert job["spec"]["backoffLimit"] >= 20
        assert job["spec"]["template"]["spec"]["restartPolicy"] == "OnFailure"
        assert "ttlSecondsAfterFinished" not in job["spec"], "Helm would miss it, and GitOps make it again and again"
