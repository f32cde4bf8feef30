"""The autoscaler reads real CPU: pods come under load, requests reach them, and none fails by it."""

from tests.e2e.people import Person
from tests.kubernetes.installation import Installation
from tests.kubernetes.kubectl import eventually, is_ready
from tests.kubernetes.load import Load, nothing_lost

SCALED = {
    "gateway.autoscaling.enabled": "true",
    "gateway.autoscaling.minReplicas": "1",
    "gateway.autoscaling.maxReplicas": "2",
    # Of the 20m that the tests' values request: an idle gateway takes half of that, one under this load thrice as much.
    "gateway.autoscaling.cpu": "150",
}
RATE = 40.0


def test_a_gateway_under_load_gets_a_second_pod_without_a_failed_request(
    installation: Installation, person: Person
) -> None:
    installation.upgrade(SCALED)

    with Load(person, RATE) as load:
        eventually(lambda: len(ready(installation)) == 2, "a second gateway is ready", 180)
    nothing_lost(load, person)

    installation.upgrade({"gateway.autoscaling.enabled": "false"})


def ready(installation: Installation) -> list[str]:
    return [pod["metadata"]["name"] for pod in installation.pods("gateway") if is_ready(pod)]
