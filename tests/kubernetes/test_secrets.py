"""`orrery secrets make` against a real API server: what the in-memory store of tests/admin promises, holds there."""

import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from lightkube import Client
from lightkube.models.meta_v1 import ObjectMeta
from lightkube.resources.core_v1 import Namespace, Secret

from admin.errors import Failed
from admin.secrets import making
from admin.secrets.kubernetes import KubernetesSecrets
from admin.secrets.making import Outcome
from admin.secrets.specification import Specification
from admin.secrets.store import NO_MARKS, OPAQUE, Contended, Marks

NOW = datetime.now(UTC)
WANTED = Specification.model_validate(
    {
        "secrets": {
            "t-postgres": {"auth_owner": "password", "auth_app": "password"},
            "t-identity": {"identity.pem": "ed25519"},
            "t-identity-public": {"identity.pub.pem": "ed25519-public:t-identity/identity.pem"},
        },
        "certificates": {"authority": "t-ca", "authorityDays": 150, "days": 30, "issue": {"t-tls": ["auth"]}},
        "labels": {"app.kubernetes.io/part-of": "orrery", "app.kubernetes.io/instance": None},
        "annotations": {"helm.sh/resource-policy": "keep"},
    }
)


@pytest.fixture
def namespace() -> Iterator[str]:
    """An empty namespace, gone afterwards."""
    name = f"secrets-{uuid.uuid4().hex[:8]}"
    with Client() as client:
        client.create(Namespace(metadata=ObjectMeta(name=name)))
        yield name
        client.delete(Namespace, name)


@pytest.fixture
def store(namespace: str) -> Iterator[KubernetesSecrets]:
    with KubernetesSecrets(namespace) as opened:
        yield opened


def make(namespace: str, now: datetime = NOW) -> list[Outcome]:
    with KubernetesSecrets(namespace) as store:
        return list(making.make(WANTED, store, now))


def test_many_jobs_at_once_make_each_secret_once_and_the_next_changes_nothing(namespace: str) -> None:
    with ThreadPoolExecutor(6) as pool:
        outcomes = [one for run in pool.map(make, [namespace] * 6) for one in run]

    for name in (*WANTED.secrets, "t-ca", "t-tls"):
        assert sum(one.is_changed for one in outcomes if one.name == name) == 1, name
    assert {one.what for one in make(namespace)} == {"kept"}


def test_labels_and_types_are_those_that_others_look_for(namespace: str) -> None:
    make(namespace)

    with Client(namespace=namespace) as client:
        found = {one.metadata.name: one for one in client.list(Secret) if one.metadata}

    assert {one.type for name, one in found.items() if name in WANTED.secrets} == {"Opaque"}
    assert found["t-tls"].type == found["t-ca"].type == "kubernetes.io/tls"
    assert sorted(found["t-tls"].data or {}) == ["ca.crt", "tls.crt", "tls.key"]
    for name in (*WANTED.secrets, "t-ca", "t-tls"):
        about = found[name].metadata
        assert about
        assert (about.labels, about.annotations) == ({"app.kubernetes.io/part-of": "orrery"}, WANTED.annotations)


def test_a_secret_of_an_earlier_release_is_labelled_anew(namespace: str, store: KubernetesSecrets) -> None:
    make(namespace)
    before = store.read("t-identity")
    assert before
    store.change("t-identity", before.version, {}, Marks({"app.kubernetes.io/instance": "t", "team": "theirs"}))

    outcomes = {one.name: one.what for one in make(namespace)}

    after = store.read("t-identity")
    assert after
    assert after.data == before.data
    assert after.marks == Marks({"app.kubernetes.io/part-of": "orrery", "team": "theirs"}, WANTED.annotations)
    assert [name for name, what in outcomes.items() if what != "kept"] == ["t-identity"]


def test_keys_of_a_rotation_come_and_go_and_somebodys_own_key_stays(namespace: str, store: KubernetesSecrets) -> None:
    make(namespace)
    held = store.read("t-ca")
    assert held
    store.change("t-ca", held.version, {"note": b"mine"})

    seen = []
    for day in range(0, 250, 5):
        make(namespace, NOW + timedelta(days=day))
        found = store.read("t-ca")
        seen.append(sorted(found.data.keys() - {"tls.crt", "tls.key"}) if found else [])

    steps = [step for number, step in enumerate(seen) if number == 0 or step != seen[number - 1]]
    waits, follows = ["next.crt", "next.key", "note"], ["note", "previous.crt", "previous.until"]
    assert steps[:4] == [["note"], waits, follows, ["note"]]


def test_a_version_that_is_no_longer_the_present_one_is_contended(store: KubernetesSecrets) -> None:
    store.create("t", OPAQUE, {"a": b"1"}, NO_MARKS)
    held = store.read("t")
    assert held
    store.change("t", held.version, {"a": b"2"})

    with pytest.raises(Contended):
        store.change("t", held.version, {"a": b"3"})
    with pytest.raises(Contended):
        store.create("t", OPAQUE, {"a": b"3"}, NO_MARKS)


def test_a_refusal_of_the_api_is_its_own_sentence() -> None:
    with pytest.raises(Failed, match=r'Kubernetes did not create secret t-postgres: namespaces "nowhere" not found'):
        make("nowhere")
