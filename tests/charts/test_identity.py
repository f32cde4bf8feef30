"""What callers' identities are signed with changes by a job, and running pods take it up."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from admin.secrets import making, rotation
from admin.secrets.folder import FolderSecrets
from admin.secrets.specification import Specification
from libs.rpc import Signer
from libs.rpc.identity import UntrustedIdentity, Verifier
from tests.admin.secrets.test_making import NOW
from tests.charts.manifest import Manifest, environment, fleet
from tests.libs.rpc.conftest import user

NAME = "orrery-identity-keys"


def pod(manifest: Manifest) -> Any:
    return manifest.workload(NAME).spec


def arguments(manifest: Manifest) -> list[str]:
    return list(pod(manifest)["containers"][0]["args"])


def told(manifest: Manifest) -> Specification:
    """The file that the job reads."""
    return Specification.model_validate(
        yaml.safe_load(manifest.one("ConfigMap", "orrery-secrets")["data"]["secrets.yaml"])
    )


def mounted(manifest: Manifest, name: str, variable: str, folder: Path) -> list[Path]:
    """The files that a deployable's variable names, where a folder holds the Secrets."""
    workload = manifest.workload(f"orrery-{name}")
    [container] = workload.spec["containers"]
    mounts = {one["mountPath"]: one["name"] for one in container["volumeMounts"]}
    secrets = {one["name"]: one["secret"]["secretName"] for one in workload.spec["volumes"] if "secret" in one}
    files = [Path(one) for one in environment(container)[variable].split(",")]
    return [folder / secrets[mounts[str(file.parent)]] / file.name for file in files]


def test_the_job_changes_the_files_that_processes_read(tmp_path: Path) -> None:
    manifest = fleet()
    store = FolderSecrets(tmp_path)
    list(making.make(told(manifest), store, NOW))
    signers = {"gateway": "auth", "auth-worker": "media"}
    before = {name: private_key(manifest, name, tmp_path).read_bytes() for name in signers}

    list(rotation.rotate(told(manifest), store, lambda: None))

    for name, service in signers.items():
        verifier = Verifier(mounted(manifest, service, "ORRERY_RPC__IDENTITY_KEYS", tmp_path))
        verifier.verify(Signer(private_key(manifest, name, tmp_path)).sign(user()))
        (tmp_path / "old.pem").write_bytes(before[name])
        with pytest.raises(UntrustedIdentity):
            verifier.verify(Signer(tmp_path / "old.pem").sign(user()))


def private_key(manifest: Manifest, name: str, folder: Path) -> Path:
    [file] = mounted(manifest, name, "ORRERY_IDENTITY__KEY", folder)
    return file


def test_the_job_may_change_the_secrets_that_it_names() -> None:
    manifest = fleet()
    names = {name for pair in rotation.pairs(told(manifest).secrets) for name, _ in pair}

    account = pod(manifest)["serviceAccountName"]
    [subject] = manifest.one("RoleBinding", "orrery-secrets")["subjects"]
    rule = next(one for one in manifest.one("Role", "orrery-secrets")["rules"] if "resourceNames" in one)
    assert names == {"orrery-identity-gateway", "orrery-identity-auth-worker", "orrery-identity-public"}
    assert (subject["name"], {"get", "patch"} - {*rule["verbs"]}, names - {*rule["resourceNames"]}) == (
        account,
        set(),
        set(),
    )


def test_the_job_has_time_for_both_of_its_waits() -> None:
    manifest = fleet("identityKeys.settleSeconds=7200")

    given = arguments(manifest)
    assert given[:3] == ["admin", "secrets", "rotate"]
    assert given[given.index("--settle") + 1] == "7200"
    assert manifest.one("CronJob", NAME)["spec"]["jobTemplate"]["spec"]["activeDeadlineSeconds"] > 2 * 7200


def test_nothing_changes_by_itself_where_that_is_not_wanted() -> None:
    assert fleet().one("CronJob", NAME)["spec"]["suspend"] is False
    assert fleet("identityKeys.suspend=true").one("CronJob", NAME)["spec"]["suspend"] is True
    assert NAME not in fleet("global.secrets.generate=false").names("CronJob")


def test_a_changed_secret_arrives_in_every_pod() -> None:
    """The kubelet never renews what is mounted by subPath."""
    for workload in fleet().workloads:
        for container in workload.containers:
            assert not [one for one in container.get("volumeMounts", []) if "subPath" in one], workload.name


def test_helm_test_believes_who_signed_the_object_stores_certificate() -> None:
    """Signed URLs lead there."""
    chosen = ("global.s3.endpoint=https://s3.example.com", "global.s3.authoritySecret=our-ca")
    smoke = fleet(*chosen).workload("orrery-smoke")
    [container] = smoke.containers

    given, mounts = container["args"], {one["name"]: one["mountPath"] for one in container["volumeMounts"]}
    volumes = {one["name"]: one for one in smoke.spec["volumes"]}
    assert given[given.index("--ca") + 1] == f"{mounts['authority-s3']}/ca.crt"
    assert volumes["authority-s3"]["secret"]["secretName"] == "our-ca"
    assert "--ca" not in fleet().workload("orrery-smoke").containers[0]["args"]


def test_helm_test_makes_its_account_at_the_domain_that_is_wanted() -> None:
    given = fleet("smoke.domain=mail.example.org").workload("orrery-smoke").containers[0]["args"]

    assert given[given.index("--domain") + 1] == "mail.example.org"
