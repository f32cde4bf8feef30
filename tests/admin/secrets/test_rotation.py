"""Keys that identities are signed with are changed without a refused call, wherever a run is broken off."""

import asyncio
from collections.abc import Callable
from itertools import product
from pathlib import Path

import pytest

from admin.errors import Failed
from admin.secrets import kinds, making, rotation
from admin.secrets.folder import FolderSecrets
from admin.secrets.rotation import BLOCK
from admin.secrets.store import Held, Store
from libs.errors import Unauthenticated
from libs.rpc import Client, Server, Signer
from libs.rpc.keys import LOOK_SECONDS
from libs.settings import RpcSettings, TlsSettings
from tests.admin.cli import here
from tests.admin.memory import Memory
from tests.admin.secrets.test_making import NOW, specification
from tests.libs.rpc.conftest import Fleet, user
from tests.libs.rpc.load import under_load
from tests.libs.rpc.servicer import Probe

SECRETS = {
    "gateway": {"identity.pem": "ed25519"},
    "worker": {"auth-identity.pem": "ed25519"},
    "public": {
        "identity.pub.pem": "ed25519-public:gateway/identity.pem",
        "auth-identity.pub.pem": "ed25519-public:worker/auth-identity.pem",
    },
}
WANTED = specification(SECRETS)
PAIRS = (("gateway", "identity.pem", "identity.pub.pem"), ("worker", "auth-identity.pem", "auth-identity.pub.pem"))


def made() -> Memory:
    store = Memory()
    list(making.make(WANTED, store, NOW))
    return store


def keys(store: Store, secret: str, key: str) -> list[bytes]:
    held = store.read(secret)
    assert held
    return [match[0] for match in BLOCK.finditer(held.data[key])]


def signing(store: Store) -> list[bytes]:
    """The public keys of what signs."""
    return [kinds.public_of(keys(store, secret, key)[0]).strip() for secret, key, _ in PAIRS]


def believed(store: Store) -> list[list[bytes]]:
    return [keys(store, "public", key) for _, _, key in PAIRS]


class Kubelets:
    """Bring what is written to pods, each at a moment of its own before the next wait ends."""

    def __init__(self, store: Memory) -> None:
        self._store = store
        self._states: list[dict[str, Held]] = [dict(store.secrets)]

    def wait(self) -> None:
        """All pods have read everything."""
        self.look()
        self._states = [dict(self._store.secrets)]

    def look(self) -> None:
        """Whatever any pod signs now, every other believes."""
        self._states.append(dict(self._store.secrets))
        for signer, verifier in product(map(remembered, self._states), repeat=2):
            for signs, believes in zip(signing(signer), believed(verifier), strict=True):
                assert signs in believes


def remembered(secrets: dict[str, Held]) -> Memory:
    store = Memory()
    store.secrets = secrets
    return store


def rotate(store: Memory, kubelets: Kubelets, wait: Callable[[], None] | None = None) -> None:
    for _ in rotation.rotate(WANTED, store, wait or kubelets.wait):
        kubelets.look()
    kubelets.look()


def test_everybody_believes_what_anybody_signs_by_and_the_old_keys_are_forgotten() -> None:
    store = made()
    before = signing(store)

    rotate(store, Kubelets(store))

    assert not set(signing(store)) & set(before)
    assert believed(store) == [[one] for one in signing(store)]
    assert {one.what for one in making.make(WANTED, store, NOW)} == {"kept"}


def test_a_wait_that_is_too_short_would_be_noticed() -> None:
    """The test's own eyes: without waiting somebody would be refused."""
    store = made()
    kubelets = Kubelets(store)

    with pytest.raises(AssertionError):
        rotate(store, kubelets, wait=lambda: None)


class Killed(BaseException):
    pass


def at_write(number: int, do: Callable[[], None]) -> Callable[[str], None]:
    """Do it before the write of this number, once."""
    left = iter(range(number, -1, -1))

    def before(_: str) -> None:
        if next(left, -1) == 0:
            do()

    return before


def kill() -> None:
    raise Killed


@pytest.mark.parametrize("write", range(8))
def test_a_run_that_is_broken_off_at_any_write_is_ended_by_the_next(write: int) -> None:
    store = made()
    before, kubelets = signing(store), Kubelets(store)
    store.before_write = at_write(write, kill)
    with pytest.raises(Killed):
        rotate(store, kubelets)
    store.before_write = lambda _: None
    kubelets.look()

    rotate(store, kubelets)

    assert not set(signing(store)) & set(before)
    assert believed(store) == [[one] for one in signing(store)]


@pytest.mark.parametrize("write", range(8))
def test_a_second_run_at_the_same_time_does_no_harm(write: int) -> None:
    store = made()
    before, kubelets = signing(store), Kubelets(store)

    def other() -> None:
        store.before_write = lambda _: None
        rotate(store, kubelets)

    store.before_write = at_write(write, other)

    rotate(store, kubelets)

    assert not set(signing(store)) & set(before)
    assert believed(store) == [[one] for one in signing(store)]


def test_what_signed_before_is_kept_for_opening_until_the_change_after_the_next() -> None:
    store = made()
    signed: list[bytes] = []
    for _ in range(4):
        signed.insert(0, keys(store, "gateway", "identity.pem")[0])
        rotate(store, Kubelets(store))

    assert keys(store, "gateway", "identity.pem")[1:] == signed[:2]


def test_public_keys_that_are_not_ours_stay() -> None:
    store, stranger = made(), kinds.public_of(kinds.ed25519()).strip()
    held = store.secrets["public"].data
    store.put("public", {**held, "identity.pub.pem": stranger + b"\n" + held["identity.pub.pem"]})

    rotate(store, Kubelets(store))

    assert believed(store)[0] == [stranger, signing(store)[0]]


@pytest.mark.parametrize(
    ("secret", "data", "sentence"),
    [
        ("gateway", {}, "identity.pem in secret gateway is missing or no key; run `orrery secrets make`"),
        ("gateway", {"identity.pem": b"x"}, "identity.pem in secret gateway is missing or no key"),
        (
            "gateway",
            {"identity.pem": kinds.ed25519()},
            "does not hold the public key of identity.pem in secret gateway",
        ),
    ],
    ids=["missing", "no key", "another key"],
)
def test_keys_that_do_not_belong_together_are_refused(secret: str, data: dict[str, bytes], sentence: str) -> None:
    store = made()
    store.put(secret, data)

    with pytest.raises(Failed, match=sentence):
        list(rotation.rotate(WANTED, store, kill))


def test_a_specification_without_public_keys_is_refused() -> None:
    with pytest.raises(Failed, match="has no public keys"):
        list(rotation.rotate(specification({"a": {"b": "ed25519"}}), Memory(), kill))


def test_the_command_prints_what_it_does_and_no_key(tmp_path: Path) -> None:
    file, folder = tmp_path / "secrets.yaml", tmp_path / "secrets"
    file.write_text(WANTED.model_dump_json(include={"secrets"}))
    command = ("--file", str(file), "--folder", str(folder))
    assert here("secrets", "make", *command, told={}).status == 0

    said = here("secrets", "rotate", *command, "--settle", "0", told={})

    assert (said.status, said.err) == (0, "")
    assert said.out.count("waiting 0 s") == 2
    assert said.out.splitlines()[-1] == "public: identity.pub.pem believes the predecessor no more"
    assert "-----" not in said.out


async def test_a_change_under_load_fails_no_call_and_the_old_key_is_believed_no_more(tmp_path: Path) -> None:
    folder, loop = tmp_path / "secrets", asyncio.get_running_loop()
    list(making.make(WANTED, FolderSecrets(folder), NOW))
    private, public = folder / "gateway" / "identity.pem", folder / "public" / "identity.pub.pem"
    old = tmp_path / "old.pem"
    old.write_bytes(private.read_bytes())
    server = Server(RpcSettings(listen="127.0.0.1:0", identity_keys=str(public)), servicer := Probe())
    await server.start()
    client = Client("probe", f"127.0.0.1:{server.port}", TlsSettings())
    fleet = Fleet(server, client, Signer(private), servicer, public)

    async with under_load(client, fleet.signer) as load:

        async def taken_up() -> None:
            await asyncio.sleep(LOOK_SECONDS)
            await load.more(40)

        def wait() -> None:
            asyncio.run_coroutine_threadsafe(taken_up(), loop).result()

        await asyncio.to_thread(lambda: list(rotation.rotate(WANTED, FolderSecrets(folder), wait)))
        await taken_up()

    assert await fleet.call("User", "hello") == "hello"
    with pytest.raises(Unauthenticated):
        await fleet.call("User", "hello", identity=Signer(old).sign(user()))
    await client.close()
    await server.stop(0)
