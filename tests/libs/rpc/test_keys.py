"""Keys are changed on disk while signers and verifiers run: they take up what is whole, and nobody is restarted."""

from collections.abc import Callable
from pathlib import Path

import pytest
import structlog
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_public_key

from libs.rpc.identity import Signer, UntrustedIdentity, Verifier
from libs.rpc.keys import Keys, public_keys
from tests.libs.keys import key_files
from tests.libs.rpc.conftest import user
from tests.libs.waiting import eventually


@pytest.fixture
def pairs(tmp_path: Path) -> list[tuple[bytes, bytes]]:
    """Private and public keys."""
    files = [key_files(tmp_path / str(number)) for number in range(3)]
    return [(private.read_bytes(), public.read_bytes()) for private, public in files]


@pytest.fixture
def private(tmp_path: Path, pairs: list[tuple[bytes, bytes]]) -> Path:
    return written(tmp_path / "identity.pem", pairs[0][0])


@pytest.fixture
def public(tmp_path: Path, pairs: list[tuple[bytes, bytes]]) -> Path:
    return written(tmp_path / "identity.pub.pem", pairs[0][1])


def written(file: Path, *keys: bytes) -> Path:
    """All at once, as a rename does it."""
    draft = file.with_suffix(".draft")
    draft.write_bytes(b"".join(keys))
    return draft.replace(file)


def believes(verifier: Verifier, signed: bytes) -> bool:
    try:
        verifier.verify(signed)
    except UntrustedIdentity:
        return False
    return True


async def until(holds: Callable[[], bool]) -> None:
    async def ask() -> bool:
        return holds()

    await eventually(ask)


async def test_a_verifier_takes_up_keys_and_forgets_them_with_what_they_signed(
    tmp_path: Path, pairs: list[tuple[bytes, bytes]], private: Path, public: Path
) -> None:
    verifier, old = Verifier([public]), Signer(private)
    new = Signer(written(tmp_path / "new.pem", pairs[1][0]))
    assert (believes(verifier, old.sign(user())), believes(verifier, new.sign(user()))) == (True, False)

    written(public, pairs[0][1], pairs[1][1])
    await until(lambda: believes(verifier, new.sign(user())))
    before = old.sign(user())
    assert believes(verifier, before)

    written(public, pairs[1][1])
    await until(lambda: not believes(verifier, before))
    assert believes(verifier, new.sign(user()))


async def test_a_signer_signs_by_the_first_key_of_its_file(
    tmp_path: Path, pairs: list[tuple[bytes, bytes]], private: Path
) -> None:
    first, second = (Verifier([written(tmp_path / f"{number}.pub", pairs[number][1])]) for number in (0, 1))
    written(private, pairs[0][0], pairs[1][0])
    signer = Signer(private)
    assert (believes(first, signer.sign(user())), believes(second, signer.sign(user()))) == (True, False)
    before = signer.derived("a purpose")

    written(private, pairs[1][0], pairs[0][0])

    await until(lambda: believes(second, signer.sign(user())))
    assert signer.derived("a purpose") == before[::-1]
    assert len({*before, *signer.derived("another")}) == 4


OTHER_KIND = (
    generate_private_key(SECP256R1()).public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
)
BROKEN: dict[str, Callable[[bytes], bytes]] = {
    "nothing": lambda _: b"",
    "half a key": lambda key: key[: len(key) // 2],
    "a whole one and half another": lambda key: key + key[: len(key) // 2],
    "one of another kind among them": lambda key: key + OTHER_KIND,
    "something else": lambda _: b"-----BEGIN THING-----\nAAAA\n-----END THING-----\n",
}


@pytest.mark.parametrize("what", BROKEN)
def test_files_that_cannot_be_used_are_passed_over_and_told_once(
    what: str, pairs: list[tuple[bytes, bytes]], public: Path
) -> None:
    keys = Keys([public], public_keys, look_seconds=0)
    before = keys.latest()

    with structlog.testing.capture_logs() as logs:
        written(public, BROKEN[what](pairs[1][1]))
        assert [keys.latest() is before for _ in range(3)] == [True] * 3
        written(public, pairs[2][1])
        assert keys.latest() == (load_pem_public_key(pairs[2][1]),)

    assert [one["event"] for one in logs] == ["identity_keys_unfit", "identity_keys_renewed"]
    assert str(public) in logs[0]["reason"]
