"""Releases come and go under load, and nobody notices: rolling, back, canary and blue/green."""

import httpx
import pytest

from tests.e2e.people import Person
from tests.kubernetes.images import COLUMN, NEXT, TODAY, make_next
from tests.kubernetes.installation import Installation
from tests.kubernetes.kubectl import eventually
from tests.kubernetes.load import Load, nothing_lost
from tests.kubernetes.tracks import BLUE, BLUE_ALONE, BOTH, begin, names, served, tag, track


@pytest.fixture(scope="module")
def following(installation: Installation, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The revision of the next release's schema; its images are there."""
    return make_next(tmp_path_factory.mktemp("next"))


def test_an_upgrade_with_a_schema_change_and_its_rollback_fail_no_request(
    installation: Installation, person: Person, following: str
) -> None:
    begin(installation, BLUE_ALONE)
    before = installation.revision

    with Load(person) as upgrading:
        installation.upgrade({f"{BLUE}.tag": NEXT})
    nothing_lost(upgrading, person)
    assert {tag(pod) for pod in installation.pods()} == {NEXT}
    assert installation.query("SELECT version_num FROM auth.alembic_version") == following
    assert COLUMN in installation.query(
        "SELECT string_agg(attname, ' ') FROM pg_attribute WHERE attrelid = 'auth.user_account'::regclass"
    )

    with Load(person) as back:
        installation.rollback(before)
    installation.values[f"{BLUE}.tag"] = TODAY
    nothing_lost(back, person)
    assert {tag(pod) for pod in installation.pods()} == {TODAY}
    assert installation.query("SELECT version_num FROM auth.alembic_version") == following


def test_blue_and_green_are_switched_and_switched_back_without_a_failed_request(
    installation: Installation, person: Person, following: str
) -> None:
    begin(installation, BOTH)
    unseen = served(installation)["green"]
    assert ask(installation.url_of("orrery-gateway-green"), person).status_code == httpx.codes.OK
    assert served(installation)["green"] == unseen + 1

    standing = names(installation)

    with Load(person) as switched:
        installation.upgrade({"global.active": "green"})
        begun = served(installation)
    assert names(installation) == standing
    ended = served(installation)
    nothing_lost(switched, person, least=50)
    assert ended["green"] > begun["green"]
    assert ended["blue"] > begun["blue"], "who keeps a connection to blue is served by blue"

    ended = served(installation)
    ask(installation.url, person)
    assert served(installation) == {"blue": ended["blue"], "green": ended["green"] + 1}

    with Load(person) as back:
        installation.upgrade({"global.active": "blue"})
    nothing_lost(back, person, least=50)


def test_a_canary_gets_its_share_and_is_promoted_without_a_failed_request(
    installation: Installation, person: Person, following: str
) -> None:
    begin(installation, BOTH | {"global.canary.weight": "25", "gateway.replicas": "3"})
    begun = served(installation)

    with Load(person, regulars=0) as shared:  # a regular stays where he is
        eventually(lambda: shared.tally.total >= 100, "a hundred requests were answered", 120)
    ended = served(installation)
    share = (ended["green"] - begun["green"]) / sum(ended[each] - begun[each] for each in ended)
    nothing_lost(shared, person)
    assert 0.1 < share < 0.45

    with Load(person) as promoted:
        installation.upgrade({"global.active": "green", "global.canary.weight": "0", f"{BLUE}.enabled": "false"})
    nothing_lost(promoted, person, least=50)
    assert {track(pod) for pod in installation.pods()} == {"green"}


def ask(url: str, person: Person) -> httpx.Response:
    """Over a connection of its own."""
    return httpx.get(f"{url}/api/auth/me", headers=person.http.headers, trust_env=False)
