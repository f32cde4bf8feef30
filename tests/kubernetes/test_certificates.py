"""Certificates are renewed under load: the new ones are in use within minutes, and no request fails."""

from functools import partial

from tests.e2e.people import Person
from tests.kubernetes.certificates import ANOTHER, SERVERS, look, shown
from tests.kubernetes.installation import DEPLOYABLES, Installation
from tests.kubernetes.kubectl import eventually
from tests.kubernetes.load import Load, nothing_lost


def test_renewed_certificates_are_in_use_soon_and_no_request_fails(installation: Installation, person: Person) -> None:
    before = {name: shown(installation, name) for name in SERVERS}

    with Load(person) as load:
        assert "renewed" in look(installation, ANOTHER)
        for name in SERVERS:
            eventually(partial(is_new, installation, name, before[name]), f"{name} shows its new one", 180)

    nothing_lost(load, person)
    assert len(set(before.values())) == len(SERVERS) < len(DEPLOYABLES)
    assert "renewed" in look(installation)  # with the names of the chart again, as the next test finds them


def is_new(installation: Installation, deployable: str, before: str) -> bool:
    return shown(installation, deployable) != before
