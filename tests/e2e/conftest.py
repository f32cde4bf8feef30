"""One fleet for all end-to-end tests, observed by a receiver in this process."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.e2e.otlp import Receiver, receiving
from tests.e2e.people import Person
from tests.services.auth.platforms.sites import Sites, registered_at, sites
from tools.sample_video import make_sample
from tools.stack import throwaway
from tools.stack.own_fleet import Fleet, own_fleet

UNLIMITED = {
    f"ORRERY_LIMITS__{name}": "100000/min" for name in ("AUTH", "UPLOAD", "DEFAULT", "ADDRESS", "ORGANIZATION")
}  # one address plays everybody
NO_GRACE = {"ORRERY_PRIVACY__GRACE_DAYS": "0.00005"}  # four seconds to take a deletion back


@pytest.fixture(scope="session")
def spans() -> Iterator[Receiver]:
    with receiving() as receiver:
        yield receiver


@pytest.fixture(scope="session")
def world() -> Iterator[Sites]:
    """Twitch and Google, as the fleet meets them."""
    with sites() as found:
        yield found


@pytest.fixture(scope="session")
def fleet(spans: Receiver, world: Sites) -> Iterator[Fleet]:
    everyone = {"ORRERY_TELEMETRY__OTLP_ENDPOINT": spans.endpoint}
    added = {"*": everyone, "gateway": UNLIMITED, "auth": {**NO_GRACE, **registered_at(world.url)}}
    with throwaway.folder() as folder, own_fleet(folder, added) as started:
        yield started


@pytest.fixture(scope="session")
def fleet_url(fleet: Fleet) -> str:
    return fleet.url


@pytest.fixture(scope="session")
def meet(fleet_url: str) -> Iterator[Callable[[], Person]]:
    """Makes people with an account; their connections are closed at the end."""
    met: list[Person] = []

    def one() -> Person:
        met.append(Person(fleet_url).register())
        return met[-1]

    yield one
    for person in met:
        person.http.close()


@pytest.fixture
def whole_again(fleet: Fleet) -> Iterator[None]:
    """Start whatever a fault left dead, so that the next test meets a whole fleet."""
    yield
    fleet.up()


@pytest.fixture(scope="session")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Twelve seconds of moving pictures and speech."""
    path = tmp_path_factory.mktemp("videos") / "sample.mp4"
    make_sample(path, seconds=8, scenes=4)
    return path


@pytest.fixture(scope="session")
def long_sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A video that takes the worker some seconds."""
    path = tmp_path_factory.mktemp("videos") / "long.mp4"
    make_sample(path, seconds=40, scenes=8)
    return path
