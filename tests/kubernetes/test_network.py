"""NetworkPolicies as the cluster keeps to them: each declared edge is open, and nothing else is.

The pods try every door themselves. What is declared is read where the charts' own tests read it: in the settings of the
callers, in stack.toml, and in the values for what may go to the internet.
"""

from collections.abc import Iterator

import pytest
import yaml

from tests.charts.expected import FLEET, STORES, calls
from tests.kubernetes.edges import NAME, PORTS, Doors, among, foreign, opened, others, own, ready, stranger
from tests.kubernetes.installation import DEPLOYABLES, PLATFORM, RELEASE, Installation
from tests.kubernetes.knock import reached
from tests.kubernetes.kubectl import Namespace
from tools.charts.programs import CHARTS

INSTANCE, PART_OF = "app.kubernetes.io/instance", "app.kubernetes.io/part-of"
STRANGERS = {
    "nobody": {},
    "prometheus": {NAME: "prometheus"},
    "namesake": {NAME: "gateway", INSTANCE: RELEASE},
    "fleet-of-another-namespace": {NAME: "gateway", INSTANCE: RELEASE, PART_OF: "orrery"},
}
OPEN_TO = {"prometheus": {"metrics"}, "fleet-of-another-namespace": set(PORTS)}


@pytest.fixture(scope="module")
def fleet(installation: Installation) -> Doors:
    """The fleet's. The host, which counts as the node, opens each: whoever cannot is kept out by a policy."""
    found = own(installation)
    addresses = [place for place in found if place[0].isdigit()]
    assert reached(addresses) == addresses
    return found


@pytest.fixture(scope="module")
def doors(installation: Installation, fleet: Doors) -> Doors:
    return fleet | others(installation)


@pytest.fixture(scope="module")
def outside(installation: Installation) -> Iterator[Namespace]:
    """Another namespace, with one pod for each stranger; there is one without labels in the fleet's, too."""
    other = Namespace(f"{installation.namespace.name}-outside")
    other.make()
    other.apply(*(stranger(name, labels) for name, labels in STRANGERS.items()))
    installation.namespace.apply(stranger("nobody", {}))
    for namespace, names in ((other, list(STRANGERS)), (installation.namespace, ["nobody"])):
        namespace.kubectl("wait", "pod", *names, "--for=condition=Ready", "--timeout=120s")
    yield other
    installation.namespace.delete("pod", "nobody")
    other.remove()


@pytest.mark.parametrize("deployable", DEPLOYABLES)
def test_a_deployable_reaches_what_it_declares_and_nothing_else(
    installation: Installation, doors: Doors, deployable: str
) -> None:
    callees = {f"calls of {called}" for caller, called in calls() if caller == deployable}
    ports = {STORES[need] for need in FLEET[deployable].needs if need in STORES}
    stores = {store for store, port in PORTS.items() if port in ports}
    values = yaml.safe_load((CHARTS / "orrery" / "values.yaml").read_text())[deployable]
    internet = {"internet"} if values.get("network", {}).get("internet") else set()

    for pod in ready(installation, deployable):
        tried = foreign(doors, pod)
        assert opened(installation.namespace, pod["metadata"]["name"], tried) == among(tried, callees, stores, internet)


def test_administration_reaches_the_stores_and_the_gateway_and_nothing_else(
    installation: Installation, doors: Doors
) -> None:
    (pod, *_) = installation.pods("admin")

    assert opened(installation.namespace, pod["metadata"]["name"], doors) == among(doors, PORTS, {"gateway"})


@pytest.mark.parametrize("store", PORTS)
def test_a_store_reaches_nothing(installation: Installation, doors: Doors, store: str) -> None:
    addresses = {place: what for place, what in doors.items() if place[0].isdigit()}  # it may not ask for names, either

    assert opened(installation.namespace, f"{PLATFORM}-{store}-0", addresses) == {}


@pytest.mark.parametrize("who", STRANGERS)
def test_of_the_fleet_a_stranger_reaches_the_gateway_alone(fleet: Doors, outside: Namespace, who: str) -> None:
    """But Prometheus the metrics; and the small stores of development are for the fleets of all namespaces."""
    assert opened(outside, who, fleet) == among(fleet, {"gateway"}, OPEN_TO.get(who, set()))


def test_a_stranger_in_the_own_namespace_is_no_better(
    installation: Installation, fleet: Doors, outside: Namespace
) -> None:
    assert opened(installation.namespace, "nobody", fleet) == among(fleet, {"gateway"})
