"""One installation for all tests here, in the cluster of `make k8s-up`: `make k8s-test` alone runs them.

K8S_TEST_KEEP=1 leaves it standing, and the next run with it uses what stands: for one test at a time.
"""

import os
from collections.abc import Iterator

import pytest

from tests.e2e.people import Person
from tests.kubernetes.installation import RELEASE, Installation
from tests.kubernetes.kubectl import Namespace, Refused, run
from tools.stack.layout import ROOT

NAMESPACE = os.environ.get("K8S_TEST_NAMESPACE", "orrery-test")
KEEP = "K8S_TEST_KEEP" in os.environ


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """An installation takes minutes, and so does each roll-out."""
    for item in items:
        item.add_marker(pytest.mark.timeout(900))


@pytest.fixture(scope="session")
def cluster() -> None:
    try:
        run("kubectl", "get", "--raw", "/readyz", seconds=20)
    except (Refused, FileNotFoundError) as away:
        pytest.fail(f"no cluster answers: make k8s-up ({away})")


@pytest.fixture(scope="session")
def installation(cluster: None) -> Iterator[Installation]:
    stands = Installation(Namespace(NAMESPACE))
    if not (KEEP and stands.is_standing()):
        run(str(ROOT / "tools" / "kubernetes" / "cluster.sh"), "reclaim")
        stands.namespace.make()
        stands.stores()
        stands.fleet()
    yield stands
    if not KEEP:
        stands.namespace.helm("uninstall", RELEASE, "--wait")
        stands.namespace.remove()


@pytest.fixture(scope="session")
def person(installation: Installation) -> Iterator[Person]:
    somebody = installation.person()
    yield somebody
    somebody.http.close()
