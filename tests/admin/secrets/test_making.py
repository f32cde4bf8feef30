"""What `orrery secrets make` makes, keeps and refuses, whatever else writes at the same time."""

import base64
from collections.abc import Mapping
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from threading import Barrier, Event, Thread

import pytest
from cryptography.hazmat.primitives.serialization import load_pem_private_key, load_pem_public_key

from admin.errors import Failed
from admin.secrets import kinds, making
from admin.secrets.folder import FolderSecrets
from admin.secrets.making import Outcome
from admin.secrets.specification import Specification
from admin.secrets.store import NO_MARKS, Marks, Store
from tests.admin.memory import Memory
from tests.admin.secrets.death import Death

NOW = datetime(2026, 3, 1, tzinfo=UTC)
SECRETS = {
    "a-public": {"identity.pub.pem": "ed25519-public:identity/identity.pem"},
    "identity": {"identity.pem": "ed25519"},
    "master": {"master.key": "random32"},
    "postgres": {"auth_owner": "password", "auth_app": "password"},
    "words": {"greeting": "text:a: b"},
}
CERTIFICATES = {"authority": "ca", "authorityDays": 1825, "days": 90, "issue": {"tls-auth": ["auth"]}}


def specification(secrets: Mapping[str, Mapping[str, str]] = SECRETS, **rest: object) -> Specification:
    return Specification.model_validate({"secrets": secrets, **rest})


def made(store: Store, wanted: Specification | None = None) -> list[Outcome]:
    return list(making.make(wanted or specification(), store, NOW))


def test_each_kind_is_made_as_its_reader_wants_it() -> None:
    store = Memory()

    made(store)

    held = {name: found.data for name, found in store.secrets.items()}
    private = load_pem_private_key(held["identity"]["identity.pem"], None)
    assert load_pem_public_key(held["a-public"]["identity.pub.pem"]) == private.public_key()
    assert len(base64.b64decode(held["master"]["master.key"], validate=True)) == 32
    assert held["postgres"]["auth_owner"] != held["postgres"]["auth_app"]
    assert len(held["postgres"]["auth_app"]) >= 40
    assert held["words"]["greeting"] == b"a: b"


def test_a_second_run_keeps_everything_and_writes_nothing() -> None:
    store, wanted = Memory(), specification(certificates=CERTIFICATES)
    made(store, wanted)
    before, writes = dict(store.secrets), store.writes

    outcomes = made(store, wanted)

    assert {one.what for one in outcomes} == {"kept"}
    assert (store.secrets, store.writes) == (before, writes)


def test_a_key_that_is_missing_is_added_and_the_others_stay() -> None:
    store = Memory()
    store.put("postgres", {"auth_owner": b"chosen", "somebody's own": b"1"})

    [outcome] = made(store, specification({"postgres": SECRETS["postgres"]}))

    held = store.secrets["postgres"].data
    assert outcome.what == "added auth_app"
    assert (held["auth_owner"], held["somebody's own"], len(held["auth_app"])) == (b"chosen", b"1", 43)


def test_a_secret_of_an_earlier_release_is_labelled_anew_and_its_values_stay() -> None:
    labels, annotations = {"release": "fleet", "instance": None}, {"prune": "no"}
    store, wanted = Memory(), specification({"words": {"own": "password"}}, labels=labels, annotations=annotations)
    store.put("words", {"own": b"1"}, Marks({"instance": "fleet", "team": "theirs"}))

    [outcome] = made(store, wanted)

    held = store.secrets["words"]
    assert (outcome.what, outcome.is_changed, held.data) == ("kept, labelled anew", False, {"own": b"1"})
    assert held.marks == Marks({"release": "fleet", "team": "theirs"}, {"prune": "no"})
    assert [one.what for one in made(store, wanted)] == ["kept"]


def test_a_secret_that_another_run_makes_first_is_taken_over() -> None:
    store = Memory()

    def other(name: str) -> None:
        store.before_write = lambda _: None
        store.put(name, {"auth_owner": b"theirs", "auth_app": b"theirs"})

    store.before_write = other

    [outcome] = made(store, specification({"postgres": SECRETS["postgres"]}))

    assert outcome.what == "kept"
    assert set(store.secrets["postgres"].data.values()) == {b"theirs"}


def test_a_public_key_belongs_to_the_private_key_that_won() -> None:
    store = Memory()
    theirs = kinds.ed25519()

    def other(name: str) -> None:
        store.before_write = lambda _: None
        store.put(name, {"identity.pem": theirs})

    store.before_write = other

    made(store, specification({name: SECRETS[name] for name in ("a-public", "identity")}))

    assert store.secrets["a-public"].data["identity.pub.pem"] == kinds.public_of(theirs)


def test_many_runs_at_once_agree_on_one_set_of_files(tmp_path: Path) -> None:
    wanted, together = specification(certificates=CERTIFICATES), Barrier(6)
    seen: list[list[Outcome]] = []

    def run() -> None:
        together.wait()
        seen.append(made(FolderSecrets(tmp_path), wanted))

    threads = [Thread(target=run) for _ in range(6)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()

    everything = [one for outcomes in seen for one in outcomes]
    for name in (*SECRETS, "ca", "tls-auth"):
        assert sum(one.is_changed for one in everything if one.name == name) == 1, name
    assert {one.what for one in made(FolderSecrets(tmp_path), wanted)} == {"kept"}


@pytest.fixture(scope="session")
def death() -> Death:
    return Death()


def test_a_run_that_is_killed_at_any_step_never_blocks_the_next(tmp_path: Path, death: Death) -> None:
    wanted = specification({}, certificates=CERTIFICATES)
    for step in count():
        folder = tmp_path / str(step)
        with death.at(step, folder):
            made(FolderSecrets(folder), wanted)
        if not death.came:
            break

        made(FolderSecrets(folder), wanted)

        assert {file.name for file in (folder / "ca").iterdir()} == {"tls.crt", "tls.key"}
        assert {one.what for one in made(FolderSecrets(folder), wanted)} == {"kept"}
        assert {one.name for one in folder.iterdir()} == {".lock", "ca", "tls-auth"}
    assert step > 10


def test_a_renewal_that_is_killed_at_any_step_is_whole_or_was_not(tmp_path: Path, death: Death) -> None:
    old = {"tls.crt": b"old", "tls.key": b"old", "previous.crt": b"old", "next.crt": b"1"}
    new = {"tls.crt": b"new", "tls.key": b"new", "next.crt": b"1"}
    seen = []
    for step in count():
        store = FolderSecrets(tmp_path / str(step))
        store.create("ca", "", old, NO_MARKS)
        held = store.read("ca")
        assert held
        with death.at(step, tmp_path):
            store.change("ca", held.version, {"tls.crt": b"new", "tls.key": b"new", "previous.crt": None})
        found = store.read("ca")
        assert found
        seen.append(dict(found.data))
        if not death.came:
            break

    first = seen.index(new)
    assert seen == [old] * first + [new] * (len(seen) - first)
    assert 0 < first < len(seen) - 1


def test_nobody_reads_half_a_secret(tmp_path: Path) -> None:
    writer, reader, halves = FolderSecrets(tmp_path), FolderSecrets(tmp_path), list[int]()
    together, ended = Barrier(2), Event()

    def read() -> None:
        together.wait()
        while not ended.is_set():
            halves.extend(len(set(held.data.values())) for held in [reader.read("ca")] if held)

    thread = Thread(target=read)
    thread.start()
    together.wait()
    writer.create("ca", "", dict.fromkeys("abcdefgh", b"0"), NO_MARKS)
    for number in range(50):
        held = writer.read("ca")
        assert held
        writer.change("ca", held.version, dict.fromkeys("abcdefgh", b"%d" % number))
    ended.set()
    thread.join()

    assert set(halves) <= {1}


def test_files_are_readable_by_their_owner_alone(tmp_path: Path) -> None:
    made(FolderSecrets(tmp_path / "new"))

    modes = {path.stat().st_mode & 0o077 for path in (tmp_path / "new").rglob("*") if path.name != ".lock"}
    assert modes == {0}


def test_a_public_key_that_is_not_the_private_ones_is_refused() -> None:
    store = Memory()
    store.put("a-public", {"identity.pub.pem": kinds.public_of(kinds.ed25519())})

    with pytest.raises(Failed, match=r"identity.pub.pem in secret a-public is not the public key of identity.pem"):
        made(store)


def test_a_public_key_of_several_that_holds_ours_is_kept() -> None:
    store, mine = Memory(), kinds.ed25519()
    store.put("identity", {"identity.pem": mine})
    both = kinds.public_of(mine) + kinds.public_of(kinds.ed25519())
    store.put("a-public", {"identity.pub.pem": both})

    made(store)

    assert store.secrets["a-public"].data["identity.pub.pem"] == both


def test_a_public_key_of_nothing_is_refused() -> None:
    with pytest.raises(Failed, match="which the specification lacks"):
        made(Memory(), specification({"a-public": SECRETS["a-public"]}))


def test_an_authority_without_its_key_is_refused_not_replaced() -> None:
    store, wanted = Memory(), specification({}, certificates=CERTIFICATES)
    made(store, wanted)
    store.put("ca", {"tls.crt": store.secrets["ca"].data["tls.crt"]})

    with pytest.raises(Failed, match=r"Secret ca has no tls\.key"):
        made(store, wanted)


def test_a_certificate_with_other_names_than_wanted_is_renewed() -> None:
    store = Memory()
    made(store, specification({}, certificates=CERTIFICATES))

    outcomes = made(store, specification({}, certificates={**CERTIFICATES, "issue": {"tls-auth": ["auth", "auth.x"]}}))

    assert [one.what.partition(", ")[0] for one in outcomes] == ["kept", "renewed"]
    assert outcomes[1].what.endswith("(its names changed)")
