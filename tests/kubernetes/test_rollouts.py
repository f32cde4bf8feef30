"""Releases come and go under load, and nobody notices: rolling, back, canary and blue/green."""

import re
import time

import httpx
import pytest

from tests.e2e.people import Person
from tests.kubernetes.images import COLUMN, NEXT, TODAY, make_next
from tests.kubernetes.installation import Installation
from tests.kubernetes.load import Load, nothing_lost

BLUE, GREEN = "global.tracks.blue", "global.tracks.green"


@pytest.fixture(scope="module")
def following(installation: Installation, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The revision of the next release's schema; its images are there."""
    return make_next(tmp_path_factory.mktemp("next"))


@pytest.fixture(autouse=True)
def blue_serves(installation: Installation) -> None:
    """Each test begins with blue of today's release in front; first it is there, then it is chosen."""
    if ("blue", TODAY) not in {(track(pod), tag(pod)) for pod in installation.pods()}:
        installation.upgrade({f"{BLUE}.enabled": "true", f"{BLUE}.tag": TODAY})
        installation.upgrade({"global.active": "blue", "global.canary.weight": "0"})


def test_an_upgrade_with_a_schema_change_and_its_rollback_fail_no_request(
    installation: Installation, person: Person, following: str
) -> None:
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
    installation.upgrade({f"{GREEN}.enabled": "true", f"{GREEN}.tag": NEXT})
    unseen = served(installation)["green"]
    preview = f"{installation.url_of('orrery-gateway-green')}/api/auth/me"
    assert httpx.get(preview, headers=person.http.headers, trust_env=False).status_code == httpx.codes.OK
    assert served(installation)["green"] == unseen + 1

    standing = names(installation)

    with Load(person) as switched:
        installation.upgrade({"global.active": "green"})
        begun = served(installation)
    assert names(installation) == standing
    ended = served(installation)
    nothing_lost(switched, person, least=50)
    assert ended["green"] > begun["green"]
    assert ended["blue"] == begun["blue"]

    with Load(person) as back:
        installation.upgrade({"global.active": "blue"})
    nothing_lost(back, person, least=50)


def test_a_canary_gets_its_share_and_is_promoted_without_a_failed_request(
    installation: Installation, person: Person, following: str
) -> None:
    canary = {f"{GREEN}.enabled": "true", f"{GREEN}.tag": NEXT, "global.canary.weight": "25", "gateway.replicas": "3"}
    installation.upgrade(canary)
    begun = served(installation)

    with Load(person) as shared:
        time.sleep(4)
    ended = served(installation)
    share = (ended["green"] - begun["green"]) / sum(ended[each] - begun[each] for each in ended)
    nothing_lost(shared, person)
    assert 0.1 < share < 0.45

    with Load(person) as promoted:
        installation.upgrade({"global.active": "green", "global.canary.weight": "0", f"{BLUE}.enabled": "false"})
    nothing_lost(promoted, person, least=50)
    assert {track(pod) for pod in installation.pods()} == {"green"}


def names(installation: Installation) -> set[str]:
    """The pods: switching replaces none."""
    return {pod["metadata"]["name"] for pod in installation.pods()}


def tag(pod: dict[str, dict[str, list[dict[str, str]]]]) -> str:
    return pod["spec"]["containers"][0]["image"].rpartition(":")[2]


def track(pod: dict[str, dict[str, dict[str, str]]]) -> str:
    return pod["metadata"]["labels"]["orrery.dev/track"]


def served(installation: Installation) -> dict[str, int]:
    """The requests that the gateways of each track have answered."""
    total = {"blue": 0, "green": 0}
    for pod in installation.pods("gateway"):
        metrics = httpx.get(f"http://{pod['status']['podIP']}:7200/metrics", trust_env=False).text
        counted = re.findall(r"^orrery_http_requests_total\{[^}]*\} ([0-9.e+]+)$", metrics, re.MULTILINE)
        total[track(pod)] += int(sum(float(one) for one in counted))
    return total
