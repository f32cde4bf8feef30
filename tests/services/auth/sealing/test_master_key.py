"""Secrets at rest."""

import base64
from pathlib import Path

import pytest

from services.auth.sealing import MasterKey, MasterKeyUnusable, SealBroken
from tests.services.auth.house import MASTER


def test_what_was_sealed_opens_for_the_same_purpose() -> None:
    sealed = MasterKey(MASTER).seal(b"text", "a purpose")

    assert b"text" not in sealed
    assert MasterKey(MASTER).unseal(sealed, "a purpose") == b"text"


def test_sealing_twice_shows_nothing_of_what_is_the_same() -> None:
    master = MasterKey(MASTER)

    assert master.seal(b"text", "a purpose") != master.seal(b"text", "a purpose")


@pytest.mark.parametrize("change", ["purpose", "master", "text", "cut"])
def test_it_opens_for_nothing_else(change: str) -> None:
    sealed = MasterKey(MASTER).seal(b"text", "a purpose")
    master = MasterKey(bytes(32) if change == "master" else MASTER)
    purpose = "another" if change == "purpose" else "a purpose"
    if change == "text":
        sealed = sealed[:-1] + bytes([sealed[-1] ^ 1])
    if change == "cut":
        sealed = sealed[:20]

    with pytest.raises(SealBroken):
        master.unseal(sealed, purpose)


@pytest.mark.parametrize("content", [b"", b"not base64!", base64.b64encode(b"short"), b"\xff" * 44])
def test_a_master_key_is_32_bytes_in_base64(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "master.key"
    path.write_bytes(content)

    with pytest.raises(MasterKeyUnusable, match=r"master\.key"):
        MasterKey.read(path)


def test_a_missing_master_key_is_named(tmp_path: Path) -> None:
    with pytest.raises(MasterKeyUnusable, match="nowhere"):
        MasterKey.read(tmp_path / "nowhere")


def test_the_id_of_a_master_key_is_stable_and_tells_nothing_of_it(tmp_path: Path) -> None:
    path = tmp_path / "master.key"
    path.write_bytes(base64.b64encode(MASTER) + b"\n")

    master = MasterKey.read(path)

    assert master.id == MasterKey(MASTER).id != MasterKey(bytes(32)).id
    assert bytes.fromhex(master.id) not in MASTER
