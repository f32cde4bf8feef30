"""The doors of an installation, whoever may open them or not, and pods that try them."""

import json
from collections.abc import Collection
from pathlib import Path

from tests.charts.expected import STORES, calls
from tests.kubernetes.images import TODAY
from tests.kubernetes.installation import PLATFORM, RELEASE, Installation
from tests.kubernetes.kubectl import Namespace, Object, is_ready

GRPC, HTTP, OPERATIONS, KUBELET = 7100, 8080, 7200, 10250
PORTS = {"postgres": STORES["database"], "kafka": STORES["kafka"], "redis": STORES["edge"], "s3": STORES["blobs"]}
# Of the local cluster, which has no other world outside; nobody listens there.
OUTSIDE = {"203.0.113.1:443": "internet", "169.254.169.254:443": "metadata", "169.254.169.254:80": "metadata"}
NAME = "app.kubernetes.io/name"
CALLED = {called for _, called in calls()}

Doors = dict[str, str]  # the address (host:port) of each, and what it is


def own(installation: Installation) -> Doors:
    """What the fleet and its stores listen on; of each track that stands."""
    there = f"{installation.namespace.name}.svc.cluster.local"
    doors = {f"{RELEASE}-gateway.{there}:{HTTP}": "gateway"}
    doors |= {f"{PLATFORM}-{store}.{there}:{port}": store for store, port in PORTS.items()}
    for pod in ready(installation):
        doors[f"{pod['status']['podIP']}:{OPERATIONS}"] = "metrics"
        if (name := pod["metadata"]["labels"][NAME]) in CALLED:
            doors[f"{pod['status']['podIP']}:{GRPC}"] = f"calls of {name}"
    return doors


def others(installation: Installation) -> Doors:
    """What is no part of it: the cluster's own, and the world outside."""
    node = ready(installation, "gateway")[0]["status"]["hostIP"]
    return OUTSIDE | {"kubernetes.default.svc.cluster.local:443": "API server", f"{node}:{KUBELET}": "kubelet"}


def ready(installation: Installation, deployable: str = "") -> list[Object]:
    return [pod for pod in installation.pods(deployable) if is_ready(pod)]


def among(doors: Doors, *wanted: Collection[str]) -> Doors:
    """Those that are any of what is wanted."""
    return {place: what for place, what in doors.items() if any(what in one for one in wanted)}


def foreign(doors: Doors, pod: Object) -> Doors:
    """Without those that lead, or may lead, back to the pod itself: no policy is about them."""
    its = (f"{pod['status']['podIP']}:", f"{RELEASE}-{pod['metadata']['labels'][NAME]}.")
    return {place: what for place, what in doors.items() if not place.startswith(its)}


def opened(namespace: Namespace, pod: str, doors: Doors) -> Doors:
    """The doors that the pod can open."""
    script = Path(__file__).with_name("knock.py").read_text()
    said = namespace.kubectl("exec", "-i", pod, "--", "python", "-", *doors, given=script)
    return {place: doors[place] for place in json.loads(said)}


def stranger(name: str, labels: dict[str, str]) -> Object:
    """A pod that does nothing, of one of the fleet's images: those are there."""
    closed = {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}}
    container = {
        "name": name,
        "image": f"localhost/orrery/audit:{TODAY}",
        "imagePullPolicy": "Never",
        "command": ["python", "-c", "import signal; signal.pause()"],
        "securityContext": closed | {"runAsNonRoot": True, "seccompProfile": {"type": "RuntimeDefault"}},
    }
    spec = {"containers": [container], "automountServiceAccountToken": False, "terminationGracePeriodSeconds": 0}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name, "labels": labels}, "spec": spec}
