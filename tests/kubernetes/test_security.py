"""What the cluster enforces of the charts' promises about pods; test_network.py has those about connections."""

import json

import pytest

from tests.kubernetes.installation import DEPLOYABLES, RELEASE, Installation
from tests.kubernetes.kubectl import Namespace, Object, Refused

BARE = {"name": "one", "image": "localhost/orrery/audit:dev"}
RIGHTS = {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}}
FINE = {
    "securityContext": {"runAsNonRoot": True, "seccompProfile": {"type": "RuntimeDefault"}},
    "containers": [BARE | {"securityContext": RIGHTS}],
}


@pytest.mark.parametrize(
    ("more", "why"),
    [
        ({"hostNetwork": True}, r"host namespaces \(hostNetwork=true\)"),
        ({"hostPID": True}, r"host namespaces \(hostPID=true\)"),
        ({"containers": [BARE]}, r"allowPrivilegeEscalation != false .*unrestricted capabilities"),
    ],
    ids=["network", "processes", "unsaid"],
)
def test_the_namespace_refuses_pods_with_more_rights_than_ours(
    installation: Installation, more: Object, why: str
) -> None:
    would_be_let_in(installation.namespace, FINE)

    with pytest.raises(Refused, match=rf'violates PodSecurity "restricted[^"]*": {why}'):
        would_be_let_in(installation.namespace, FINE | more)

    assert all(installation.pods(name) for name in DEPLOYABLES)


def would_be_let_in(namespace: Namespace, spec: Object) -> None:
    """Ask the cluster, which makes nothing; raises Refused."""
    pod = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "intruder"}, "spec": spec}
    namespace.kubectl("apply", "--dry-run=server", "-f", "-", given=json.dumps(pod))


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
