"""What the cluster enforces of the charts' promises; NetworkPolicies are accepted here, not enforced (bridge CNI)."""

import pytest

from tests.kubernetes.installation import DEPLOYABLES, RELEASE, Installation
from tests.kubernetes.kubectl import Object, Refused


@pytest.mark.parametrize("asked", ["hostNetwork", "hostPID", "nothing"])
def test_the_namespace_refuses_pods_with_more_rights_than_ours(installation: Installation, asked: str) -> None:
    container = {"name": "one", "image": "localhost/orrery/audit:dev"}
    spec = {"containers": [container]} if asked == "nothing" else {"containers": [container], asked: True}
    pod = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "intruder"}, "spec": spec}

    with pytest.raises(Refused, match='violates PodSecurity "restricted'):
        installation.namespace.apply(pod)

    assert all(installation.pods(name) for name in DEPLOYABLES)


@pytest.mark.parametrize("deployable", DEPLOYABLES)
def test_a_process_is_nobody_and_can_write_nothing_but_tmp(installation: Installation, deployable: str) -> None:
    name = installation.pods(deployable)[0]["metadata"]["name"]

    said = installation.namespace.execute(name, "sh", "-c", "id -u; touch /app/x 2>&1; touch /tmp/x && echo tmp")

    assert said.splitlines()[0] == "10001"
    assert "Read-only file system" in said
    assert said.splitlines()[-1] == "tmp"


def test_no_process_holds_a_token_of_the_cluster(installation: Installation) -> None:
    for one in installation.pods():
        mounts = [mount["mountPath"] for container in one["spec"]["containers"] for mount in container["volumeMounts"]]
        assert not any("serviceaccount" in path for path in mounts), one["metadata"]["name"]
        assert one["spec"]["enableServiceLinks"] is False


def test_every_pod_is_under_a_policy_that_denies_what_is_not_declared(installation: Installation) -> None:
    policies = installation.namespace.all("networkpolicies")
    denying = [one for one in policies if set(one["spec"]["policyTypes"]) == {"Ingress", "Egress"}]

    for one in installation.pods():
        labels = one["metadata"]["labels"]
        chosen = [policy for policy in denying if selects(policy["spec"]["podSelector"], labels)]
        assert chosen, f"{one['metadata']['name']} of {RELEASE} is under no policy"


def selects(selector: Object, labels: dict[str, str]) -> bool:
    return selector.get("matchLabels", {}).items() <= labels.items() and "matchExpressions" not in selector
